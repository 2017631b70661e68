import { Button, MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import type { Failure } from "./failure";

interface Props {
  failure: Failure;
  uncertain: boolean;
  onAgain: () => void;
  onChange: () => void;
}

/** A failure with its reason. What may have been sent cannot be changed, only asked for again. */
export function Stopped({ failure, uncertain, onAgain, onChange }: Props) {
  const words = useWords();
  const styles = useStyles();
  return (
    <div className={styles.section} role="alert">
      <MessageBar intent={uncertain ? "warning" : "error"} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{uncertain ? words.uncertain : words.failed}</MessageBarTitle>
          {failure.sentence} {uncertain && words.uncertainHint}
        </MessageBarBody>
      </MessageBar>
      {failure.reference && <p className={styles.quiet}>{words.reference(failure.reference)}</p>}
      <div className={styles.row}>
        <Button appearance="primary" onClick={onAgain}>
          {words.tryAgain}
        </Button>
        {!uncertain && <Button onClick={onChange}>{words.change}</Button>}
      </div>
    </div>
  );
}
