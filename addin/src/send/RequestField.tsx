import { Field, Select } from "@fluentui/react-components";
import type { Request } from "../api/types";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import type { Choices } from "./choices";

interface Props {
  choices: Choices;
  onChange: (change: Partial<Choices>) => void;
  /** Something is asked for in any case; the question is how often. */
  always?: boolean;
}

const requests = ["once", "many"] as const;

/** Whether the recipients are asked to send something, and how often each of them may. */
export function RequestField({ choices, onChange, always = false }: Props) {
  const words = useWords();
  const styles = useStyles();
  return (
    <Field label={words.request} hint={choices.request ? words.requestHint : null}>
      <Select className={styles.full} select={{ className: styles.full }} value={choices.request ?? ""} onChange={(_, { value }) => onChange({ request: value ? (value as Request) : undefined })}>
        {!always && <option value="">{words.requestNone}</option>}
        {requests.map((request) => (
          <option key={request} value={request}>
            {words.requests[request]}
          </option>
        ))}
      </Select>
    </Field>
  );
}
