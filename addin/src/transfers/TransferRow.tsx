import { Button } from "@fluentui/react-components";
import { ChevronDownRegular, ChevronRightRegular } from "@fluentui/react-icons";
import { useId, useState } from "react";
import type { Api } from "../api/client";
import type { Policy, Transfer } from "../api/types";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import type { Words } from "../words";
import { moment } from "../words/format";
import { Details } from "./Details";

interface Props {
  api: Api;
  policy: Policy;
  transfer: Transfer;
  onChange: (transfer: Transfer) => void;
  /** Details stand open from the start. */
  open?: boolean;
}

/** One transfer: its subject opens what is known of it and what can be done. */
export function TransferRow({ api, policy, transfer, onChange, open = false }: Props) {
  const words = useWords();
  const styles = useStyles();
  const [shown, setShown] = useState(open);
  const id = useId();
  const when = transfer.acceptedAt ? moment(new Date(transfer.acceptedAt), words.tag) : "";
  const facts = [transfer.request && words.request, words.transferStates[transfer.state], when].filter(Boolean).join(" · ");
  const trouble = troubleOf(transfer, words);
  return (
    <li className={styles.entry}>
      <Button appearance="transparent" className={styles.opener} aria-expanded={shown} aria-controls={id}
        icon={shown ? <ChevronDownRegular /> : <ChevronRightRegular />} onClick={() => setShown(!shown)}>
        <bdi>{transfer.subject || words.noSubject}</bdi>
      </Button>
      <span className={styles.quiet}>{facts}</span>
      {trouble && <span className={styles.bad}>{trouble}</span>}
      <div id={id}>{shown && <Details api={api} policy={policy} transfer={transfer} onChange={onChange} />}</div>
    </li>
  );
}

/** Why it needs somebody, in a line; empty when it does not. */
function troubleOf({ state, detail, quarantine, recipients = [] }: Transfer, words: Words): string {
  if (state === "failed") return detail ?? words.unexpected;
  if (quarantine) return quarantine;
  const bad = recipients.filter((person) => person.state === "undeliverable" || person.state === "uncertain");
  return bad.map((person) => `${person.address}: ${words.recipientWords[person.state]}`).join("; ");
}
