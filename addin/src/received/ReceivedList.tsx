import { Badge, Button, Link, Spinner } from "@fluentui/react-components";
import { useCallback } from "react";
import type { Api } from "../api/client";
import type { Received, ReceivedPage } from "../api/types";
import { usePageStyles } from "../page/styles";
import { failureOf, type Failure } from "../send/failure";
import { useWords } from "../shell/context";
import { Section } from "../shell/Section";
import { useStyles } from "../shell/styles";
import { usePages } from "../shell/usePages";
import { moment } from "../words/format";
import { nameOf } from "./ReceivedMessage";

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
      <bdi>{words.page.from(nameOf(sender))}</bdi>
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
  const page = useCallback((cursor: string | undefined) => api.received(cursor), [api]);
  const failed = useCallback((error: unknown) => failureOf(error, words), [words]);
  const { found, failure, load } = usePages(page, joined, failed);
  return { messages: found?.messages, next: found?.next, failure, load };
}

const joined = (before: ReceivedPage | undefined, page: ReceivedPage): ReceivedPage => ({ ...page, messages: [...(before?.messages ?? []), ...page.messages] });
