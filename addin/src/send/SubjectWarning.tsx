import { Checkbox, MessageBar, MessageBarBody } from "@fluentui/react-components";
import { nameOf } from "../alerts/texts";
import type { Draft } from "../office/draft";
import { useWords } from "../shell/context";
import { numbersInSubjects } from "./check";
import type { Choices } from "./choices";

interface Props {
  draft: Draft;
  choices: Choices;
  onChange: (change: Partial<Choices>) => void;
}

/** Questions a national identity number where it would travel in the clear. */
export function SubjectWarning({ draft, choices, onChange }: Props) {
  const words = useWords();
  const kinds = numbersInSubjects(draft, choices);
  if (kinds.length === 0) return null;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        {words.numberInSubject(kinds.map(nameOf).join(", "))}
        <Checkbox label={words.sendAllTheSame} checked={choices.subjectConfirmed}
          onChange={(_, { checked }) => onChange({ subjectConfirmed: checked === true })} />
      </MessageBarBody>
    </MessageBar>
  );
}
