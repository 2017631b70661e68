import { Field, Input } from "@fluentui/react-components";
import type { Settings } from "../api/types";
import type { Person } from "../office/draft";
import { useWords } from "../shell/context";
import { needNumbers } from "./check";
import { phoneOf, type Choices } from "./choices";
import type { Known } from "./known";

interface Props {
  people: Person[];
  settings: Settings;
  known: Known;
  choices: Choices;
  onChange: (change: Partial<Choices>) => void;
}

/** Where the code goes of each recipient who does not sign in, when it goes by text message. */
export function PhoneFields({ people, settings, known, choices, onChange }: Props) {
  const words = useWords();
  const { phoneCountry } = settings.policy;
  return (
    <>
      {needNumbers(people, choices, settings, known).map(({ address, who }) => (
        <Field key={address.toLowerCase()} label={words.phoneOf(who)} required hint={phoneCountry ? words.phoneHint(phoneCountry) : null}>
          <Input type="tel" maxLength={40} autoComplete="off" value={phoneOf(choices, address)}
            onChange={(_, { value }) => onChange({ phones: { ...choices.phones, [address.toLowerCase()]: value } })} />
        </Field>
      ))}
    </>
  );
}
