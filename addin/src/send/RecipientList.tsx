import { Badge, Button } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import type { Api } from "../api/client";
import type { Settings } from "../api/types";
import type { Person } from "../office/draft";
import { useWords } from "../shell/context";
import { Section } from "../shell/Section";
import { useStyles } from "../shell/styles";
import { AddRecipients, type Add } from "./AddRecipients";
import { checkPeople, signsIn, type CheckedPerson } from "./check";
import type { Choices } from "./choices";
import { behind, type Known } from "./known";

interface Props {
  api: Api;
  people: Person[];
  settings: Settings;
  known: Known;
  choices: Choices;
  onAdd: Add;
  /** Absent where Outlook's own fields are for that. */
  onRemove?: (person: Person) => void;
}

/** To, Cc and Bcc as they stand in the message, each with its check. */
export function RecipientList({ api, people, settings, known, choices, onAdd, onRemove }: Props) {
  const words = useWords();
  const styles = useStyles();
  const checked = checkPeople(people, settings);
  return (
    <Section title={words.recipients} note={checked.length > 0 ? words.recipientCount(checked.length) : undefined}>
      {checked.length === 0 && <p className={styles.quiet}>{words.noRecipients}</p>}
      <ul className={styles.list}>
        {checked.map((person, i) => (
          <Row key={`${i} ${person.address}`} person={person} known={known} choices={choices} onRemove={onRemove} />
        ))}
      </ul>
      <AddRecipients api={api} people={people} onAdd={onAdd} always={onRemove !== undefined} />
    </Section>
  );
}

interface RowProps {
  person: CheckedPerson;
  known: Known;
  choices: Choices;
  onRemove: ((person: Person) => void) | undefined;
}

function Row({ person, known, choices, onRemove }: RowProps) {
  const words = useWords();
  const styles = useStyles();
  const { name = "", address } = behind(person, known);
  const named = name !== "" && name !== address;
  const found = known.get(person.address.toLowerCase());
  const marks = found?.marks ?? [];
  const own = found?.replier ? marks.includes("own") : person.mark === "own" || marks.includes("own");
  const facts = [own && words.ownStaff, signsIn(person.address, choices, known) && words.signsIn, marks.includes("outside") && words.marks.outside, marks.includes("new") && words.marks.new];
  return (
    <li className={styles.row}>
      <div className={styles.grow}>
        <bdi>{named ? name : address}</bdi>
        {named && <bdi className={styles.quiet}>{address}</bdi>}
        {person.mark === "invalid" && <span className={styles.bad}>{words.notAnAddress}</span>}
        {person.mark === "twice" && <span className={styles.quiet}>{words.twice}</span>}
        <span className={styles.quiet}>{facts.filter(Boolean).join(" · ")}</span>
        {found?.like && <strong className={styles.bad}>{words.looksLike(found.like)}</strong>}
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
