import { Button } from "@fluentui/react-components";
import { CopyRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useWords } from "../shell/context";
import { Section } from "../shell/Section";
import { useStyles } from "../shell/styles";

/** The generated code, for the sender to pass on by another way than mail. */
export function PassOn({ code }: { code: string }) {
  const words = useWords();
  const styles = useStyles();
  const [said, setSaid] = useState("");
  const copy = async () => setSaid((await copied(code)) ? words.copied : words.copyFailed);
  return (
    <Section title={words.accessCode}>
      <div className={styles.row}>
        <output className={styles.code}>{code}</output>
        <Button size="small" icon={<CopyRegular />} onClick={copy}>
          {words.copy}
        </Button>
      </div>
      <span role="status" className={styles.quiet}>
        {said}
      </span>
      <p className={styles.quiet}>{words.passOn}</p>
    </Section>
  );
}

/** Outlook's frame may forbid the clipboard interface; the older command often still works. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedByCommand(text);
  }
}

function copiedByCommand(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.remove();
  }
}
