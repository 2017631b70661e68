import type { Api } from "../api/client";
import type { Policy, Transfer } from "../api/types";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import { moment, size } from "../words/format";
import { Actions } from "./Actions";
import { Evidence } from "./Evidence";
import { OwnCode } from "./OwnCode";
import { OwnLinks } from "./OwnLinks";
import { Person } from "./Person";
import { useChange } from "./useChange";

interface Props {
  api: Api;
  policy: Policy;
  transfer: Transfer;
  onChange: (transfer: Transfer) => void;
}

/** All that is known of one transfer, and what its sender can do with it. */
export function Details({ api, policy, transfer, onChange }: Props) {
  const words = useWords();
  const styles = useStyles();
  const change = useChange(onChange);
  const { files = [], recipients = [], expiresAt, caseId, request, sender } = transfer;
  return (
    <div className={styles.details}>
      {expiresAt && transfer.state === "live" && <span>{words.availableUntil(moment(new Date(expiresAt), words.tag))}</span>}
      {sender && <span className={styles.quiet}>{words.sentBy(sender.name || sender.address)}</span>}
      {request && <span>{words.requests[request]}</span>}
      {caseId && <span>{words.caseIs(caseId)}</span>}
      <ul className={styles.list}>
        {recipients.map((person) => (
          <Person key={person.id} person={person} transfer={transfer} api={api} change={change} />
        ))}
      </ul>
      {files.length > 0 && (
        <ul className={styles.list} aria-label={words.files}>
          {files.map((file) => (
            <li key={file.id} className={styles.quiet}>
              <bdi>{file.name}</bdi>, {size(file.size, words.tag)}
              {file.detail && <span className={file.held ? styles.bad : styles.quiet}> – {file.detail}</span>}
            </li>
          ))}
        </ul>
      )}
      <OwnCode api={api} transfer={transfer} change={change} />
      {transfer.encrypted && <Evidence api={api} id={transfer.id} />}
      {policy.senderLinks && transfer.state === "live" && <OwnLinks api={api} transfer={transfer} />}
      <Actions api={api} policy={policy} transfer={transfer} change={change} />
      <span role="status">{change.said}</span>
      {change.failure && (
        <span role="alert" className={styles.bad}>
          {change.failure.sentence}
        </span>
      )}
    </div>
  );
}
