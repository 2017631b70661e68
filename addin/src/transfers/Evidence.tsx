import { Button, Spinner } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { Api } from "../api/client";
import { failureOf } from "../send/failure";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";

/**
 * Saves the mail that proves the dispatch where the browser saves files. It has the checksums of all files,
 * for which the server reads them: about a second for each GiB.
 */
export function Evidence({ api, id }: { api: Api; id: string }) {
  const words = useWords();
  const styles = useStyles();
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const download = async () => {
    if (busy) return;
    setFailure("");
    setBusy(true);
    try {
      saveAs(await api.evidence(id), `evidence-${id.slice(0, 8)}.eml`);
    } catch (error) {
      setFailure(failureOf(error, words).sentence);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={styles.section}>
      <div className={styles.buttons}>
        <Button size="small" disabledFocusable={busy} icon={busy ? <Spinner size="tiny" /> : <ArrowDownloadRegular />} onClick={() => void download()}>
          {words.downloadEvidence}
        </Button>
      </div>
      <span role="status" className={failure && styles.bad}>
        {busy ? words.makingEvidence : failure}
      </span>
    </div>
  );
}

function saveAs(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
