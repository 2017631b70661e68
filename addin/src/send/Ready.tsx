import { Button, MessageBar, MessageBarBody } from "@fluentui/react-components";
import { LockClosedRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";

interface Props {
  reasons: string[];
  notice: string | undefined;
  onSend: () => void;
}

/** Send, or what is in its way once it was pressed. */
export function Ready({ reasons, notice, onSend }: Props) {
  const words = useWords();
  const styles = useStyles();
  const [pressed, setPressed] = useState(false);
  const blocked = pressed && reasons.length > 0;
  const press = () => {
    setPressed(true);
    if (reasons.length === 0) onSend();
  };
  return (
    <>
      {notice && <span role="status">{notice}</span>}
      {blocked && (
        <MessageBar intent="error" layout="multiline" role="alert">
          <MessageBarBody>
            {words.fixFirst}
            <ul className={styles.list}>
              {reasons.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </MessageBarBody>
        </MessageBar>
      )}
      <Button appearance="primary" icon={<LockClosedRegular />} onClick={press}>
        {words.send}
      </Button>
    </>
  );
}
