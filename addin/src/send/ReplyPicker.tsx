import { Combobox, Field, Option, OptionGroup } from "@fluentui/react-components";
import { useState } from "react";
import type { Mailbox } from "../api/types";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import type { ReplyChoice } from "./choices";

interface Props {
  mailboxes: Mailbox[];
  chosen: ReplyChoice | undefined;
  onChoose: (reply: ReplyChoice | undefined) => void;
}

interface Entry {
  value: string;
  text: string;
  choice: ReplyChoice;
}

/** Reply mailbox and topic in one list that is searched by either. */
export function ReplyPicker({ mailboxes, chosen, onChoose }: Props) {
  const words = useWords();
  const styles = useStyles();
  const [query, setQuery] = useState<string>();
  const mailbox = mailboxes.find(({ id }) => id === chosen?.mailbox);
  const value = chosen ? entriesOf(mailboxes).find((entry) => entry.value === valueOf(chosen)) : undefined;
  const groups = mailboxes.map((m) => ({ mailbox: m, entries: matching(entriesOf([m]), query) })).filter((g) => g.entries.length > 0);
  return (
    <Field label={words.replies} hint={mailbox ? words.repliesHint(mailbox.address) : null}>
      <Combobox className={styles.full} freeform clearable placeholder={words.repliesDefault} value={query ?? value?.text ?? ""}
        selectedOptions={value ? [value.value] : []}
        onChange={(event) => setQuery(event.target.value)}
        onBlur={() => setQuery(undefined)}
        onOptionSelect={(_, { optionValue }) => {
          setQuery(undefined);
          onChoose(entriesOf(mailboxes).find((entry) => entry.value === optionValue)?.choice);
        }}>
        {groups.length === 0 && <Option disabled text="">{words.noMailbox}</Option>}
        {groups.map(({ mailbox: m, entries }) => (
          <OptionGroup key={m.id} label={m.name}>
            {entries.map((entry) => (
              <Option key={entry.value} value={entry.value} text={entry.text}>
                {entry.text}
              </Option>
            ))}
          </OptionGroup>
        ))}
      </Combobox>
    </Field>
  );
}

const valueOf = ({ mailbox, topic }: ReplyChoice): string => JSON.stringify([mailbox, topic ?? ""]);

/** A mailbox without a topic, then each of its topics. */
export function entriesOf(mailboxes: Mailbox[]): Entry[] {
  return mailboxes.flatMap(({ id, name, topics }) => [
    entry(name, { mailbox: id }),
    ...topics.map((topic) => entry(`${name} › ${topic.name}`, { mailbox: id, topic: topic.id })),
  ]);
}

const entry = (text: string, choice: ReplyChoice): Entry => ({ value: valueOf(choice), text, choice });

/** The entries in which every word of the query occurs. */
export function matching(entries: Entry[], query: string | undefined): Entry[] {
  const wanted = (query ?? "").toLowerCase().split(/\s+/).filter((word) => word !== "" && word !== "›");
  return entries.filter(({ text }) => wanted.every((word) => text.toLowerCase().includes(word)));
}
