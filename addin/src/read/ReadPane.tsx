import { MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import type { Api } from "../api/client";
import type { Settings } from "../api/types";
import type { Origin } from "../office/letter";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import { Conversation } from "./Conversation";
import { MySettings } from "./MySettings";
import { TransferList } from "../transfers/TransferList";

/** Beside a message being read: what the caller has sent, and where sending starts. */
export function ReadPane({ api, settings, origin }: { api: Api; settings: Settings; origin: Origin }) {
  const words = useWords();
  const styles = useStyles();
  return (
    <div className={styles.pane}>
      <main className={styles.body} tabIndex={0}>
        {origin.unanswerable && <NotAnswerable organisation={settings.policy.organisation} />}
        {origin.transfer ? <Conversation api={api} policy={settings.policy} origin={origin} /> : <p className={styles.quiet}>{words.openMessage}</p>}
        <TransferList api={api} policy={settings.policy} mailboxes={settings.mailboxes} />
        <MySettings api={api} settings={settings} />
      </main>
    </div>
  );
}

/** Why Outlook's Reply is of no use here. */
function NotAnswerable({ organisation }: { organisation: string }) {
  const words = useWords();
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{words.notAnswerable}</MessageBarTitle>
        {words.notAnswerableWhy(organisation)}
      </MessageBarBody>
    </MessageBar>
  );
}
