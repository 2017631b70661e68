import { Button } from "@fluentui/react-components";
import type { Api } from "../api/client";
import type { RecipientState, Transfer } from "../api/types";
import { useWords } from "../shell/context";
import { Section } from "../shell/Section";
import { useStyles } from "../shell/styles";
import { moment } from "../words/format";
import { useTransfers } from "./useTransfers";

/** The caller's transfers, newest first, and how far they have come. */
export function TransferList({ api }: { api: Api }) {
  const words = useWords();
  const styles = useStyles();
  const { transfers, next, failure, load } = useTransfers(api);
  return (
    <Section title={words.myTransfers}>
      {transfers?.length === 0 && <p className={styles.quiet}>{words.noTransfers}</p>}
      <ul className={styles.list}>
        {transfers?.map((transfer) => (
          <Row key={transfer.id} transfer={transfer} />
        ))}
      </ul>
      {failure && (
        <p role="alert" className={styles.bad}>
          {failure.sentence}
        </p>
      )}
      {(next ?? failure) && <Button onClick={() => load(next)}>{failure ? words.tryAgain : words.more}</Button>}
    </Section>
  );
}

function Row({ transfer }: { transfer: Transfer }) {
  const words = useWords();
  const styles = useStyles();
  const when = transfer.acceptedAt ? moment(new Date(transfer.acceptedAt), words.tag) : "";
  return (
    <li className={styles.row}>
      <div className={styles.grow}>
        <bdi>{transfer.subject || words.noSubject}</bdi>
        <span className={styles.quiet}>{[words.transferStates[transfer.state], when].filter(Boolean).join(" · ")}</span>
        {transfer.state === "failed" && transfer.detail && <span className={styles.bad}>{transfer.detail}</span>}
        {(transfer.recipients ?? []).map((person) => (
          <Person key={person.id} person={person} />
        ))}
      </div>
    </li>
  );
}

function Person({ person }: { person: RecipientState }) {
  const words = useWords();
  const styles = useStyles();
  const bad = person.state === "undeliverable" || person.state === "uncertain";
  return (
    <span className={bad ? styles.bad : styles.quiet}>
      <bdi>{person.address}</bdi>: {words.recipientWords[person.state]}
    </span>
  );
}
