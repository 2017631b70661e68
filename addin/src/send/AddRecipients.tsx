import { Button, Field, Select, Textarea } from "@fluentui/react-components";
import { useState } from "react";
import type { Api } from "../api/client";
import type { CheckedRecipient } from "../api/types";
import { sameAddress, type Field as MessageField, type Person } from "../office/draft";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import { failureOf } from "./failure";

/** Adds people to one field of the message. */
export type Add = (field: MessageField, people: Pick<Person, "name" | "address">[]) => Promise<void> | void;

interface Props {
  api: Api;
  people: Person[];
  onAdd: Add;
  /** It is the way to name recipients, not one beside another. */
  always?: boolean;
}

const fields: MessageField[] = ["to", "cc", "bcc"];

/** Takes a pasted list, has it checked, and adds what is an address to the message. */
export function AddRecipients({ api, people, onAdd, always = false }: Props) {
  const words = useWords();
  const styles = useStyles();
  const [open, setOpen] = useState(always);
  const [text, setText] = useState("");
  const [field, setField] = useState<MessageField>("to");
  const [said, setSaid] = useState("");
  if (!open) {
    return (
      <div className={styles.buttons}>
        <Button size="small" onClick={() => setOpen(true)}>
          {words.addRecipients}
        </Button>
      </div>
    );
  }
  const add = async () => {
    try {
      const found = await api.checkRecipients([text]);
      const wrong = found.filter(isWrong).map(({ address }) => address);
      await onAdd(field, fresh(found, people));
      setText(wrong.join("; "));
      setSaid(wrong.length > 0 ? words.notAdded(wrong.join("; ")) : "");
    } catch (error) {
      setSaid(failureOf(error, words).sentence);
    }
  };
  return (
    <div className={styles.section} role="group" aria-label={words.addRecipients}>
      <Field label={words.addRecipients} hint={words.addRecipientsHint}>
        <Textarea value={text} autoFocus={!always} onChange={(_, { value }) => setText(value)} />
      </Field>
      <Field label={words.addTo}>
        <Select value={field} onChange={(_, { value }) => setField(value as MessageField)}>
          {fields.map((name) => (
            <option key={name} value={name}>
              {words.fields[name]}
            </option>
          ))}
        </Select>
      </Field>
      <span role="status" className={styles.bad}>
        {said}
      </span>
      <div className={styles.buttons}>
        <Button size="small" appearance="primary" disabled={text.trim() === ""} onClick={() => void add()}>
          {words.checkAndAdd}
        </Button>
        {!always && (
          <Button size="small" onClick={() => setOpen(false)}>
            {words.cancel}
          </Button>
        )}
      </div>
    </div>
  );
}

const isWrong = ({ marks }: CheckedRecipient): boolean => marks.includes("invalid");

/** The addresses among those found that the message does not have yet. */
function fresh(found: CheckedRecipient[], people: Person[]): { name: string; address: string }[] {
  return found
    .filter((one) => !isWrong(one) && !one.marks.includes("duplicate") && !people.some((p) => sameAddress(p.address, one.address)))
    .map(({ name, address }) => ({ name: name ?? "", address }));
}
