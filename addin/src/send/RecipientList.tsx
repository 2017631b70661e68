import { Badge, Button } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { useCallback } from "react";
import type { Api } from "../api/client";
import type { CheckedRecipient, Settings } from "../api/types";
import type { Person } from "../office/draft";
import { useWords } from "../shell/context";
import { Section } from "../shell/Section";
import { useStyles } from "../shell/styles";
import { AddRecipients, type Add } from "./AddRecipients";
import { checkPeople, type CheckedPerson } from "./check";
import { useSoon } from "./useSoon";

interface Props {
  api: Api;
  people: Person[];
  settings: Settings;
  onAdd: Add;
  /** Absent where Outlook's own fields are for that. */
  onRemove?: (person: Person) => void;
}

/** To, Cc and Bcc as they stand in the message, each with its check. */
export function RecipientList({ api, people, settings, onAdd, onRemove }: Props) {
  const words = useWords();
  const styles = useStyles();
  const checked = checkPeople(people, settings);
  const known = useKnown(api, checked);
  return (
    <Section title={words.recipients} note={checked.length > 0 ? words.recipientCount(checked.length) : undefined}>
      {checked.length === 0 && <p className={styles.quiet}>{words.noRecipients}</p>}
      <ul className={styles.list}>
        {checked.map((person, i) => (
          <Row key={`${i} ${person.address}`} person={person} known={known.get(person.address.toLowerCase())} onRemove={onRemove} />
        ))}
      </ul>
      <AddRecipients api={api} people={people} onAdd={onAdd} always={onRemove !== undefined} />
    </Section>
  );
}

/** What the backend knows of the addresses: it asks a moment after they stopped changing. */
function useKnown(api: Api, people: CheckedPerson[]): Map<string, CheckedRecipient> {
  const addresses = people.filter(({ mark }) => mark !== "invalid").map(({ address }) => address).slice(0, 500);
  const ask = useCallback((list: string[]) => api.checkRecipients(list), [api]);
  const found = useSoon(addresses.length > 0 ? [...new Set(addresses)] : undefined, ask);
  return new Map((found ?? []).map((one) => [one.address.toLowerCase(), one]));
}

interface RowProps {
  person: CheckedPerson;
  known: CheckedRecipient | undefined;
  onRemove: ((person: Person) => void) | undefined;
}

function Row({ person, known, onRemove }: RowProps) {
  const words = useWords();
  const styles = useStyles();
  const named = person.name !== "" && person.name !== person.address;
  const marks = known?.marks ?? [];
  const own = person.mark === "own" || marks.includes("own");
  const facts = [own && words.ownStaff, marks.includes("outside") && words.marks.outside, marks.includes("new") && words.marks.new];
  return (
    <li className={styles.row}>
      <div className={styles.grow}>
        <bdi>{named ? person.name : person.address}</bdi>
        {named && <bdi className={styles.quiet}>{person.address}</bdi>}
        {person.mark === "invalid" && <span className={styles.bad}>{words.notAnAddress}</span>}
        {person.mark === "twice" && <span className={styles.quiet}>{words.twice}</span>}
        <span className={styles.quiet}>{facts.filter(Boolean).join(" · ")}</span>
        {known?.like && <strong className={styles.bad}>{words.looksLike(known.like)}</strong>}
      </div>
      <Badge appearance="tint" color="informative" className={styles.fixed}>
        {words.fields[person.field]}
      </Badge>
      {onRemove && (
        <Button size="small" appearance="subtle" icon={<DismissRegular />} aria-label={words.page.remove(person.address)}
          title={words.page.remove(person.address)} onClick={() => onRemove(person)} />
      )}
    </li>
  );
}
