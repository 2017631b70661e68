import { Button } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { Api } from "../api/client";
import { failureOf } from "../send/failure";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";

/** Saves the mail that proves the dispatch where the browser saves files. */
export function Evidence({ api, id }: { api: Api; id: string }) {
  const words = useWords();
  const styles = useStyles();
  const [failure, setFailure] = useState("");
  const download = async () => {
    setFailure("");
    try {
      saveAs(await api.evidence(id), `evidence-${id.slice(0, 8)}.eml`);
    } catch (error) {
      setFailure(failureOf(error, words).sentence);
    }
  };
  return (
    <div className={styles.section}>
      <div className={styles.buttons}>
        <Button size="small" icon={<ArrowDownloadRegular />} onClick={() => void download()}>
          {words.downloadEvidence}
        </Button>
      </div>
      <span role="status" className={styles.bad}>
        {failure}
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
