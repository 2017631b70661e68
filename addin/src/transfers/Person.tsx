import { Button } from "@fluentui/react-components";
import type { Api } from "../api/client";
import type { RecipientState, Transfer } from "../api/types";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import type { Words } from "../words";
import { moment } from "../words/format";
import { Confirm } from "./Confirm";
import type { Change } from "./useChange";

interface Props {
  person: RecipientState;
  transfer: Transfer;
  api: Api;
  change: Change;
}

/** One recipient: what happened there, file by file, and what can be done about it. */
export function Person({ person, transfer, api, change }: Props) {
  const words = useWords();
  const styles = useStyles();
  const bad = person.state === "undeliverable" || person.state === "uncertain";
  return (
    <li className={styles.entry}>
      <span>
        <bdi>{person.name || person.address}</bdi>{" "}
        <span className={bad ? styles.bad : styles.quiet}>
          {[words.recipientWords[person.state], person.signsIn && words.signsIn].filter(Boolean).join(" · ")}
        </span>
      </span>
      {bad && person.detail && <span className={styles.bad}>{person.detail}</span>}
      {historyOf(person, transfer, words).map((line) => (
        <span key={line} className={styles.quiet}>
          {line}
        </span>
      ))}
      {transfer.state === "live" && person.state !== "discarded" && <PersonActions person={person} transfer={transfer} api={api} change={change} />}
    </li>
  );
}

/** When she was told, opened and replied, and how often she fetched each file. */
export function historyOf(person: RecipientState, { files = [] }: Transfer, words: Words): string[] {
  const moments = [
    [words.at.notified, person.notifiedAt],
    [words.at.opened, person.openedAt],
    [words.at.replied, person.repliedAt],
    [words.at.reminded, person.remindedAt],
  ] as const;
  const downloads = (person.downloads ?? []).flatMap(({ file, times }) => {
    const name = files.find(({ id }) => id === file)?.name;
    return name === undefined ? [] : [words.downloadedTimes(name, times)];
  });
  return [...moments.flatMap(([word, at]) => (at ? [`${word}: ${moment(new Date(at), words.tag)}`] : [])), ...downloads];
}

function PersonActions({ person, transfer, api, change }: Props) {
  const words = useWords();
  const styles = useStyles();
  const who = person.name || person.address;
  if (person.state === "withdrawn") {
    return (
      <div className={styles.buttons}>
        <Button size="small" disabled={change.busy} aria-label={words.restoreFor(who)}
          onClick={() => void change.run(() => api.restore(transfer.id, person.id), words.restoredNow)}>
          {words.restore}
        </Button>
      </div>
    );
  }
  return (
    <div className={styles.buttons}>
      <Button size="small" disabled={change.busy} aria-label={words.newLinkFor(who)}
        onClick={() => void change.run(() => api.relink(transfer.id, person.id), words.newLinkSent)}>
        {words.newLink}
      </Button>
      {person.state === "notified" && (
        <Button size="small" disabled={change.busy} aria-label={words.remindWho(who)}
          onClick={() => void change.run(() => api.remind(transfer.id, person.id), words.remindedNow)}>
          {words.remind}
        </Button>
      )}
      {(transfer.recipients?.length ?? 0) > 1 && (
        <Confirm word={words.withdraw} label={words.withdrawFrom(who)} question={words.withdrawAsk(who)} busy={change.busy}
          onConfirm={() => void change.run(() => api.withdraw(transfer.id, person.id), words.withdrawnNow)} />
      )}
    </div>
  );
}
