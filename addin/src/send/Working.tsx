import { Button, ProgressBar } from "@fluentui/react-components";
import { useWords } from "../shell/context";
import { single } from "../shell/single";
import { useStyles } from "../shell/styles";
import { size } from "../words/format";
import type { Progress } from "./attempt";

/** What is happening now. It can be called off, but for the moment in which it is handed over. */
export function Working({ progress, onCancel }: { progress: Progress; onCancel: () => void }) {
  const words = useWords();
  const styles = useStyles();
  const { step, done, total, file, again } = progress;
  const known = total > 0;
  const amount = known ? words.ofSize(size(Math.min(done, total), words.tag), size(total, words.tag)) : "";
  return (
    <div className={styles.section}>
      <strong>{words.steps[step]}</strong>
      <ProgressBar aria-label={words.steps[step]} {...(known ? { value: Math.min(done / total, 1) } : {})} />
      {file && <bdi className={styles.quiet}>{words.uploadingFile(file.name, file.n, file.of)}</bdi>}
      <span className={styles.quiet}>{again ? words.retrying : amount}</span>
      <Announcement text={`${words.steps[step]} ${known ? words.percent(tenth(done, total)) : ""}`} />
      {step !== "handing" && <Button onClick={single(onCancel)}>{words.cancel}</Button>}
    </div>
  );
}

/** Said by a screen reader when it changes: at each tenth, not at each byte. */
function Announcement({ text }: { text: string }) {
  return (
    <span role="status" style={{ position: "absolute", width: 1, height: 1, overflow: "hidden", clipPath: "inset(50%)" }}>
      {text}
    </span>
  );
}

const tenth = (done: number, total: number): number => Math.min(100, Math.floor((done / total) * 10) * 10);
