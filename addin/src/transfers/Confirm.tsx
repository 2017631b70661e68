import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";

interface Props {
  word: string;
  /** Name of the button for those who cannot see what it stands beside. */
  label: string;
  question: string;
  busy: boolean;
  onConfirm: () => void;
}

/** A button that says what will happen and asks once more. */
export function Confirm({ word, label, question, busy, onConfirm }: Props) {
  const words = useWords();
  const styles = useStyles();
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <Button size="small" disabled={busy} aria-label={label} onClick={() => setAsking(true)}>
        {word}
      </Button>
    );
  }
  const confirm = () => {
    setAsking(false);
    onConfirm();
  };
  return (
    <div role="group" aria-label={label} className={styles.section}>
      <span role="alert">{question}</span>
      <div className={styles.buttons}>
        <Button size="small" appearance="primary" disabled={busy} aria-label={label} onClick={confirm}>
          {word}
        </Button>
        <Button size="small" autoFocus onClick={() => setAsking(false)}>
          {words.cancel}
        </Button>
      </div>
    </div>
  );
}
