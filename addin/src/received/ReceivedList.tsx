import { Badge, Button, Link, Spinner } from "@fluentui/react-components";
import { useCallback, useEffect, useState } from "react";
import type { Api } from "../api/client";
import type { Received } from "../api/types";
import { usePageStyles } from "../page/styles";
import { failureOf, type Failure } from "../send/failure";
import { useWords } from "../shell/context";
import { Section } from "../shell/Section";
import { useStyles } from "../shell/styles";
import { moment } from "../words/format";

interface Props {
  api: Api;
  onOpen: (id: string) => void;
}

/** What was sent to the caller and can still be read. */
export function ReceivedList({ api, onOpen }: Props) {
  const words = useWords();
  const styles = useStyles();
  const { messages, next, failure, load } = useReceived(api);
  return (
    <Section title={words.page.received}>
      {!messages && !failure && <Spinner size="tiny" aria-label={words.page.received} />}
      <div aria-live="polite">{messages?.length === 0 && !next && <p className={styles.quiet}>{words.page.nothingReceived}</p>}</div>
      <ul className={styles.list}>
        {messages?.map((message) => (
          <Row key={message.id} message={message} onOpen={onOpen} />
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

function Row({ message, onOpen }: { message: Received; onOpen: (id: string) => void }) {
  const words = useWords();
  const styles = useStyles();
  const page = usePageStyles();
  const { id, subject, sender, receivedAt, expiresAt, fileCount, opened } = message;
  const facts = [words.page.receivedAt(moment(new Date(receivedAt), words.tag)), words.page.deletedBy(moment(new Date(expiresAt), words.tag)), words.page.fileCount(fileCount)];
  return (
    <li className={`${styles.entry} ${page.item}`}>
      <span className={styles.row}>
        <Link href={`/received/${id}`} onClick={(event) => {
          event.preventDefault();
          onOpen(id);
        }}>
          <bdi>{subject || words.noSubject}</bdi>
        </Link>
        {!opened && <Badge appearance="filled" color="brand" className={styles.fixed}>{words.page.unread}</Badge>}
      </span>
      <bdi>{words.page.from(sender.name ? `${sender.name} <${sender.address}>` : sender.address)}</bdi>
      {facts.map((fact) => (
        <span key={fact} className={styles.quiet}>
          {fact}
        </span>
      ))}
    </li>
  );
}

interface Loaded {
  messages: Received[] | undefined;
  next: string | undefined;
  failure: Failure | undefined;
  load: (cursor?: string) => void;
}

function useReceived(api: Api): Loaded {
  const words = useWords();
  const [messages, setMessages] = useState<Received[]>();
  const [next, setNext] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const load = useCallback(
    (cursor?: string) => {
      setFailure(undefined);
      api.received(cursor).then(
        (page) => {
          setMessages((before) => [...((cursor && before) || []), ...page.messages]);
          setNext(page.next);
        },
        (error: unknown) => setFailure(failureOf(error, words)),
      );
    },
    [api, words],
  );
  useEffect(() => load(), [load]);
  return { messages, next, failure, load };
}
