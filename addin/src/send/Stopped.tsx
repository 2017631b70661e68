import { Button, MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import type { Api } from "../api/client";
import type { Policy } from "../api/types";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import { TransferList } from "../transfers/TransferList";
import type { Failure } from "./failure";

interface Props {
  api: Api;
  policy: Policy;
  failure: Failure;
  uncertain: boolean;
  onAgain: () => void;
  onChange: () => void;
}

/** A failure with its reason. What may have been sent cannot be changed, only asked for again. */
export function Stopped({ api, policy, failure, uncertain, onAgain, onChange }: Props) {
  const words = useWords();
  const styles = useStyles();
  if (failure.sentOtherwise) return <SentOtherwise api={api} policy={policy} failure={failure} />;
  return (
    <div className={styles.section} role="alert">
      <MessageBar intent={uncertain ? "warning" : "error"} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{uncertain ? words.uncertain : words.failed}</MessageBarTitle>
          {failure.sentence} {uncertain && words.uncertainHint}
        </MessageBarBody>
      </MessageBar>
      {failure.reference && <p className={styles.quiet}>{words.reference(failure.reference)}</p>}
      <div className={styles.buttons}>
        <Button appearance="primary" className={styles.fixed} onClick={onAgain}>
          {words.tryAgain}
        </Button>
        {!uncertain && (
          <Button className={styles.fixed} onClick={onChange}>
            {words.change}
          </Button>
        )}
      </div>
    </div>
  );
}

/** The draft's key stands for another request: the caller's transfers show which. */
function SentOtherwise({ api, policy, failure }: Pick<Props, "api" | "policy" | "failure">) {
  const words = useWords();
  const styles = useStyles();
  return (
    <>
      <MessageBar intent="warning" layout="multiline" role="alert">
        <MessageBarBody>
          <MessageBarTitle>{words.alreadySent}</MessageBarTitle>
          {failure.sentence}
        </MessageBarBody>
      </MessageBar>
      <div className={styles.shelf}>
        <TransferList api={api} policy={policy} />
      </div>
    </>
  );
}
