import { Field, Input } from "@fluentui/react-components";
import type { Settings } from "../api/types";
import type { Person } from "../office/draft";
import { useWords } from "../shell/context";
import { checkPeople } from "./check";
import { phoneOf, type Choices } from "./choices";

interface Props {
  people: Person[];
  settings: Settings;
  choices: Choices;
  onChange: (change: Partial<Choices>) => void;
}

/** Where each recipient's code goes, when it goes by text message. */
export function PhoneFields({ people, settings, choices, onChange }: Props) {
  const words = useWords();
  const { phoneCountry } = settings.policy;
  const written = checkPeople(people, settings).filter(({ mark }) => mark === "fine" || mark === "own");
  return (
    <>
      {written.map(({ address, name }) => (
        <Field key={address.toLowerCase()} label={words.phoneOf(name || address)} required hint={phoneCountry ? words.phoneHint(phoneCountry) : null}>
          <Input type="tel" maxLength={40} autoComplete="off" value={phoneOf(choices, address)}
            onChange={(_, { value }) => onChange({ phones: { ...choices.phones, [address.toLowerCase()]: value } })} />
        </Field>
      ))}
    </>
  );
}
