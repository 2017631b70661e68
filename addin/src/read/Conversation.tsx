import { Button, Spinner } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import type { Api } from "../api/client";
import { ApiFault } from "../api/fault";
import type { Policy, Transfer } from "../api/types";
import { openReply, type Origin } from "../office/letter";
import { failureOf } from "../send/failure";
import { useWords } from "../shell/context";
import { Section } from "../shell/Section";
import { useStyles } from "../shell/styles";
import { TransferRow } from "../transfers/TransferRow";

interface Props {
  api: Api;
  policy: Policy;
  origin: Origin;
}

/** Beside a delivered reply: the transfer that it answers, with its history, and how to go on. */
export function Conversation({ api, policy, origin }: Props) {
  const words = useWords();
  const styles = useStyles();
  const [transfer, setTransfer] = useState<Transfer>();
  const [said, setSaid] = useState("");
  const [reply, setReply] = useState("");
  useEffect(() => {
    api.transfer(origin.transfer!).then(setTransfer, (error: unknown) => {
      const foreign = error instanceof ApiFault && error.problem.status === 404;
      setSaid(foreign ? words.transferForeign : failureOf(error, words).sentence);
    });
  }, [api, origin, words]);
  return (
    <Section title={words.thisConversation}>
      {origin.sender && <span>{words.receivedFrom(origin.sender)}</span>}
      {!transfer && !said && <Spinner size="tiny" aria-label={words.thisConversation} />}
      {transfer && (
        <ul className={styles.list}>
          <TransferRow api={api} policy={policy} transfer={transfer} onChange={setTransfer} open />
        </ul>
      )}
      {!origin.unanswerable && (
        <div className={styles.buttons}>
          <Button appearance="primary" onClick={async () => setReply((await openReply()) ? words.replyHint : words.cannotReply)}>
            {words.replyDigitally}
          </Button>
        </div>
      )}
      <span role="status" className={styles.quiet}>
        {[said, reply].filter(Boolean).join(" ")}
      </span>
    </Section>
  );
}
