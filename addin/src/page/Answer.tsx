import { useEffect, useMemo, useRef } from "react";
import type { Api } from "../api/client";
import type { ReceivedMessage, Settings } from "../api/types";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import { answerTo } from "./desk";
import { SendTab } from "./SendTab";

interface Props {
  api: Api;
  settings: Settings;
  message: ReceivedMessage;
  onDone: () => void;
}

/** Below a received message: what is written back to its sender. */
export function Answer({ api, settings, message, onDone }: Props) {
  const words = useWords();
  const styles = useStyles();
  const top = useRef<HTMLHeadingElement>(null);
  useEffect(() => top.current?.focus(), []);
  const first = useMemo(() => answerTo(message), [message]);
  return (
    <>
      <h2 ref={top} tabIndex={-1} className={styles.heading}>
        {words.page.replyTo(message.sender.name || message.sender.address)}
      </h2>
      <SendTab api={api} settings={settings} first={first} next={words.page.closeReply} onNext={onDone} />
    </>
  );
}
