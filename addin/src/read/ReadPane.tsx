import type { Api } from "../api/client";
import type { Settings } from "../api/types";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import { TransferList } from "../transfers/TransferList";

/** Beside a message being read: what the caller has sent, and where sending starts. */
export function ReadPane({ api, settings }: { api: Api; settings: Settings }) {
  const words = useWords();
  const styles = useStyles();
  return (
    <div className={styles.pane}>
      <main className={styles.body} tabIndex={0}>
        <p className={styles.quiet}>{words.openMessage}</p>
        <TransferList api={api} policy={settings.policy} />
      </main>
    </div>
  );
}
