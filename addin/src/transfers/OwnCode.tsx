import { Button } from "@fluentui/react-components";
import { useState } from "react";
import type { Api } from "../api/client";
import type { Transfer } from "../api/types";
import { PassOn } from "../send/PassOn";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import type { Change } from "./useChange";

interface Props {
  api: Api;
  transfer: Transfer;
  change: Change;
}

/** The generated code, where somebody needs one. Lists have none: it is fetched when the sender wants to see it. */
export function OwnCode({ api, transfer, change }: Props) {
  const words = useWords();
  const styles = useStyles();
  const [shown, setShown] = useState(false);
  const [earlier, setEarlier] = useState(false);
  const { id, state, code, codeKind, recipients = [] } = transfer;
  if (state !== "live" || codeKind !== "generated" || recipients.every(({ signsIn }) => signsIn)) return null;
  if (shown && code) return <PassOn code={code} />;
  const show = () => {
    setShown(true);
    if (code) return;
    void change.run(async () => {
      const whole = await api.transfer(id);
      setEarlier(!whole.code);
      return whole;
    }, "");
  };
  return (
    <div className={styles.buttons}>
      <Button size="small" disabled={change.busy} onClick={show}>
        {words.showCode}
      </Button>
      {earlier && <p role="status">{words.codeEarlier}</p>}
    </div>
  );
}
