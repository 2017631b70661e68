import { Button, mergeClasses, MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { LockClosedRegular } from "@fluentui/react-icons";
import { useEffect, useRef, useState } from "react";
import type { Api } from "../api/client";
import type { Mailbox, Policy, Transfer } from "../api/types";
import { closeDraft } from "../office/draft";
import { supports } from "../office/host";
import { useWords } from "../shell/context";
import { Section } from "../shell/Section";
import { single } from "../shell/single";
import { useStyles } from "../shell/styles";
import { Evidence } from "../transfers/Evidence";
import { OwnLinks } from "../transfers/OwnLinks";
import type { Words } from "../words";
import { moment, size } from "../words/format";
import { entriesOf } from "./ReplyPicker";
import { PassOn } from "./PassOn";

interface Props {
  api: Api;
  policy: Policy;
  transfer: Transfer;
  mailboxes: Mailbox[];
  /** It had been sent before this pane was opened. */
  before: boolean;
  /** What else is to be said first. */
  note?: string | undefined;
}

/** The evidence that it went out encrypted, and what is left to do. */
export function Summary({ api, policy, transfer, mailboxes, before, note }: Props) {
  const words = useWords();
  const styles = useStyles();
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => top.current?.focus({ preventScroll: true }), []);
  const files = transfer.files ?? [];
  const people = transfer.recipients ?? [];
  return (
    <>
      <div ref={top} tabIndex={-1} role="status">
        <MessageBar intent={transfer.encrypted ? "success" : "info"} layout="multiline" icon={<LockClosedRegular />}>
          <MessageBarBody>
            <MessageBarTitle>{titleOf(transfer, words)}</MessageBarTitle>
            {[note ?? (before && words.alreadySent), transfer.encrypted && evidence(transfer, words), transfer.filed && words.filed].filter(Boolean).join(" ")}
          </MessageBarBody>
        </MessageBar>
      </div>
      {transfer.code && <PassOn code={transfer.code} />}
      {transfer.codeKind === "password" && <p className={styles.quiet}>{words.codePasswordHint}</p>}
      <Section title={words.recipients} note={words.recipientCount(people.length)}>
        <ul className={styles.list}>
          {people.map((person) => (
            <li key={person.id} className={styles.row}>
              <div className={styles.grow}>
                <bdi>{person.address}</bdi>
                <span className={person.state === "undeliverable" ? styles.bad : styles.quiet}>
                  {[words.recipientWords[person.state], person.signsIn && words.signsIn].filter(Boolean).join(" · ")}
                </span>
              </div>
            </li>
          ))}
        </ul>
      </Section>
      {files.length > 0 && (
        <Section title={words.files}>
          <ul className={styles.list}>
            {files.map((file) => (
              <li key={file.id} className={styles.row}>
                <bdi className={styles.grow}>{file.name}</bdi>
                <span className={mergeClasses(styles.quiet, styles.fixed)}>{size(file.size, words.tag)}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {transfer.encrypted && <Evidence api={api} id={transfer.id} />}
      {policy.senderLinks && transfer.state === "live" && <OwnLinks api={api} transfer={transfer} />}
      <Facts transfer={transfer} mailboxes={mailboxes} />
    </>
  );
}

function titleOf({ state, encrypted, request }: Transfer, words: Words): string {
  if (state !== "live") return words.transferStates[state];
  if (request) return words.requestSent;
  return encrypted ? words.sent : words.sentNotEncrypted;
}

function evidence({ files, codeKind, request, recipients = [] }: Transfer, words: Words): string {
  const count = files?.length ?? 0;
  if (request) return words.requestHint;
  const stored = count === 0 ? words.textEncrypted : words.evidence(count);
  if (recipients.length > 0 && recipients.every(({ signsIn }) => signsIn)) return `${stored} ${words.readAfterSignIn}`;
  return `${stored} ${codeKind === "none" ? words.readWithLink : words.readWithCode}`;
}

function Facts({ transfer, mailboxes }: { transfer: Transfer; mailboxes: Mailbox[] }) {
  const words = useWords();
  const styles = useStyles();
  const { replyMailbox, replyTopic, expiresAt } = transfer;
  const wanted = JSON.stringify([replyMailbox ?? "", replyTopic ?? ""]);
  const reply = entriesOf(mailboxes).find(({ value }) => value === wanted);
  return (
    <div className={styles.section}>
      {expiresAt && <span>{words.availableUntil(moment(new Date(expiresAt), words.tag))}</span>}
      {reply && <span>{words.repliesTo(reply.text)}</span>}
    </div>
  );
}

/**
 * Closes the compose window, or says how it is done where Outlook lets nobody else.
 * A transfer is live before its draft is filed, so that is asked again: until it is
 * filed, the draft may be the only complete copy.
 */
export function CloseMessage({ api, transfer }: { api: Api; transfer: Transfer }) {
  const words = useWords();
  const [cannot, setCannot] = useState(() => !supports("Mailbox", "1.14"));
  if (cannot) return <span role="status">{words.closeYourself}</span>;
  const close = async () => {
    const now = transfer.filed ? transfer : await api.transfer(transfer.id).catch(() => transfer);
    setCannot(!(await closeDraft(now.filed ?? false)));
  };
  return (
    <Button appearance="primary" onClick={single(close)}>
      {words.closeMessage}
    </Button>
  );
}
