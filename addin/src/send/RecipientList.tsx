import { Badge } from "@fluentui/react-components";
import type { Settings } from "../api/types";
import type { Person } from "../office/draft";
import { useWords } from "../shell/context";
import { Section } from "../shell/Section";
import { useStyles } from "../shell/styles";
import { checkPeople, type CheckedPerson } from "./check";

/** To, Cc and Bcc as they stand in the message, each with its check. */
export function RecipientList({ people, settings }: { people: Person[]; settings: Settings }) {
  const words = useWords();
  const styles = useStyles();
  const checked = checkPeople(people, settings);
  return (
    <Section title={words.recipients} note={checked.length > 0 ? words.recipientCount(checked.length) : undefined}>
      {checked.length === 0 && <p className={styles.quiet}>{words.noRecipients}</p>}
      <ul className={styles.list}>
        {checked.map((person, i) => (
          <Row key={`${i} ${person.address}`} person={person} />
        ))}
      </ul>
    </Section>
  );
}

function Row({ person }: { person: CheckedPerson }) {
  const words = useWords();
  const styles = useStyles();
  const named = person.name !== "" && person.name !== person.address;
  return (
    <li className={styles.row}>
      <div className={styles.grow}>
        <bdi>{named ? person.name : person.address}</bdi>
        {named && <bdi className={styles.quiet}>{person.address}</bdi>}
        {person.mark === "invalid" && <span className={styles.bad}>{words.notAnAddress}</span>}
        {person.mark === "twice" && <span className={styles.quiet}>{words.twice}</span>}
        {person.mark === "own" && <span className={styles.quiet}>{words.ownStaff}</span>}
      </div>
      <Badge appearance="tint" color="informative" className={styles.fixed}>
        {words.fields[person.field]}
      </Badge>
    </li>
  );
}
