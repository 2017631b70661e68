import { Button, Link, Spinner } from "@fluentui/react-components";
import { ArrowDownloadRegular, ArrowLeftRegular, ArrowReplyRegular } from "@fluentui/react-icons";
import { useEffect, useRef, useState } from "react";
import type { Api } from "../api/client";
import { ApiFault } from "../api/fault";
import type { Party, ReceivedMessage as Message } from "../api/types";
import { usePageStyles } from "../page/styles";
import { failureOf } from "../send/failure";
import { useWords } from "../shell/context";
import { Section } from "../shell/Section";
import { useStyles } from "../shell/styles";
import { Confirm } from "../transfers/Confirm";
import type { Words } from "../words";
import { moment, size } from "../words/format";

interface Props {
  api: Api;
  id: string;
  onBack: () => void;
  /** Absent for who may not send, and while she answers it. */
  onReply?: ((message: Message) => void) | undefined;
}

/** One received message: read it, fetch its files, answer it, delete it. */
export function ReceivedMessage({ api, id, onBack, onReply }: Props) {
  const words = useWords();
  const styles = useStyles();
  const [message, setMessage] = useState<Message>();
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    api.receivedMessage(id).then(setMessage, (error: unknown) => setSaid(reasonOf(error, words)));
  }, [api, id, words]);
  const discard = async () => {
    setBusy(true);
    try {
      await api.discard(id);
      setMessage(undefined);
      setSaid(words.page.deleted);
    } catch (error) {
      setSaid(reasonOf(error, words));
    }
    setBusy(false);
  };
  return (
    <>
      <div className={styles.buttons}>
        <Button size="small" appearance="subtle" icon={<ArrowLeftRegular />} onClick={onBack}>
          {words.page.back}
        </Button>
      </div>
      <div role="status">{said}</div>
      {!message && !said && <Spinner size="tiny" aria-label={words.page.text} />}
      {message && <Letter api={api} message={message} />}
      {message && (
        <div className={styles.buttons}>
          {onReply && (
            <Button size="small" appearance="primary" icon={<ArrowReplyRegular />} onClick={() => onReply(message)}>
              {words.page.reply}
            </Button>
          )}
          <Confirm word={words.page.delete} label={words.page.delete} question={words.page.deleteAsk} busy={busy} onConfirm={() => void discard()} />
        </div>
      )}
    </>
  );
}

/** Whatever is not hers, or not there any more, is the same to her. */
function reasonOf(error: unknown, words: Words): string {
  const missing = error instanceof ApiFault && [404, 410].includes(error.problem.status);
  return missing ? words.page.gone : failureOf(error, words).sentence;
}

function Letter({ api, message }: { api: Api; message: Message }) {
  const words = useWords();
  const styles = useStyles();
  const page = usePageStyles();
  const top = useRef<HTMLHeadingElement>(null);
  useEffect(() => top.current?.focus(), []);
  const { id, subject, sender, to, cc, files, receivedAt, expiresAt } = message;
  return (
    <>
      <div className={styles.section}>
        <h2 ref={top} tabIndex={-1} className={styles.heading}>
          <bdi>{subject || words.noSubject}</bdi>
        </h2>
        <bdi>{words.page.from(nameOf(sender))}</bdi>
        {to.length + cc.length > 0 && <bdi className={styles.quiet}>{words.page.to([...to, ...cc].map(nameOf).join(", "))}</bdi>}
        <span className={styles.quiet}>{words.page.receivedAt(moment(new Date(receivedAt), words.tag))}</span>
        <span className={styles.quiet}>{words.page.deletedBy(moment(new Date(expiresAt), words.tag))}</span>
      </div>
      <iframe title={words.page.text} src={api.receivedBody(id)} className={page.frame} onLoad={fit}
        sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox" />
      <Section title={words.page.receivedFiles}>
        {files.length === 0 && <p className={styles.quiet}>{words.page.noFiles}</p>}
        <ul className={styles.list}>
          {files.map((file) => (
            <li key={file.id} className={styles.row}>
              {file.held ? (
                <bdi className={styles.grow}>{file.name}</bdi>
              ) : (
                <Link href={api.receivedFile(id, file.id)} download={file.name} aria-label={words.page.download(file.name)} className={styles.grow}>
                  <span>
                    <ArrowDownloadRegular /> <bdi>{file.name}</bdi>
                  </span>
                </Link>
              )}
              <span className={styles.quiet}>{[size(file.size, words.tag), file.detail].filter(Boolean).join(" – ")}</span>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}

/** As high as its text. Nothing in it runs: the answer's own policy sees to that. */
function fit({ currentTarget: frame }: { currentTarget: HTMLIFrameElement }): void {
  const height = frame.contentDocument?.documentElement.scrollHeight;
  if (height) frame.style.height = `${height + 2}px`;
}

export const nameOf = ({ name, address }: Party): string => (name ? `${name} <${address}>` : address);
