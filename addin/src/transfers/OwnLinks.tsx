import { Button } from "@fluentui/react-components";
import { useState } from "react";
import type { Api } from "../api/client";
import type { OwnLink, Transfer } from "../api/types";
import { failureOf } from "../send/failure";
import { copied } from "../send/PassOn";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";

/** The recipients' links, fetched only when the sender wants to pass one on herself. */
export function OwnLinks({ api, transfer }: { api: Api; transfer: Transfer }) {
  const words = useWords();
  const styles = useStyles();
  const [links, setLinks] = useState<OwnLink[]>();
  const [said, setSaid] = useState("");
  const fetchLinks = () =>
    api.links(transfer.id).then(setLinks, (error: unknown) => setSaid(failureOf(error, words).sentence));
  const nameOf = (id: string) => {
    const person = transfer.recipients?.find((one) => one.id === id);
    return person?.name || person?.address || id;
  };
  return (
    <div className={styles.section}>
      {!links && (
        <div className={styles.buttons}>
          <Button size="small" onClick={() => void fetchLinks()}>
            {words.ownLinks}
          </Button>
        </div>
      )}
      {links && <span className={styles.quiet}>{words.ownLinksHint}</span>}
      {links?.map(({ recipient, url }) => (
        <div key={recipient} className={styles.buttons}>
          <Button size="small" onClick={async () => setSaid((await copied(url)) ? words.copied : words.copyFailed)}>
            {words.copyLinkFor(nameOf(recipient))}
          </Button>
        </div>
      ))}
      <span role="status" className={styles.quiet}>
        {said}
      </span>
    </div>
  );
}
