import { Button, mergeClasses } from "@fluentui/react-components";
import { useRef, useState, type DragEvent } from "react";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";

/** Takes files by drop or by choosing. They stay on this machine until Send. */
export function DropZone({ onFiles }: { onFiles: (files: File[]) => void }) {
  const words = useWords();
  const styles = useStyles();
  const chooser = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const hover = (is: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setOver(is);
  };
  const drop = (event: DragEvent) => {
    hover(false)(event);
    give(event.dataTransfer.files);
  };
  const give = (files: FileList | null) => {
    if (files && files.length > 0) onFiles([...files]);
  };
  return (
    <div className={mergeClasses(styles.drop, over && styles.dropOver)} onDragOver={hover(true)} onDragLeave={hover(false)} onDrop={drop}
      data-testid="drop">
      <span>{words.dropHere}</span>
      <Button size="small" onClick={() => chooser.current?.click()}>
        {words.chooseFiles}
      </Button>
      <input ref={chooser} type="file" multiple hidden data-testid="chooser"
        onChange={(event) => {
          give(event.target.files);
          event.target.value = "";
        }} />
      <span className={styles.quiet}>{words.nothingLeaves}</span>
    </div>
  );
}
