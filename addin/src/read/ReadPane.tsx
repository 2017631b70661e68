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
        {origin.transfer ? <Conversation api={api} policy={settings.policy} origin={origin} /> : <p className={styles.quiet}>{words.openMessage}</p>}
        <TransferList api={api} policy={settings.policy} />
        <MySettings api={api} settings={settings} />
      </main>
    </div>
  );
}
