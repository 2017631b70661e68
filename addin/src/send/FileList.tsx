import { Button } from "@fluentui/react-components";
import { ArrowUndoRegular, DismissRegular } from "@fluentui/react-icons";
import type { Draft } from "../office/draft";
import { useWords } from "../shell/context";
import { Section } from "../shell/Section";
import { useStyles } from "../shell/styles";
import { size } from "../words/format";
import { sentFiles } from "./check";
import { nextFileId, type Choices } from "./choices";
import { DropZone } from "./DropZone";

interface Props {
  draft: Draft;
  choices: Choices;
  maxFileBytes: number;
  onChange: (change: Partial<Choices>) => void;
}

/** What will be sent: the message's attachments and the files added here. */
export function FileList({ draft, choices, maxFileBytes, onChange }: Props) {
  const words = useWords();
  const styles = useStyles();
  const attached = draft.files.filter((file) => !file.inline);
  const inline = draft.files.length - attached.length;
  const sent = sentFiles({ ...draft, files: attached }, choices);
  const total = size(sent.reduce((sum, file) => sum + file.size, 0), words.tag);
  const toggle = (id: string, out: boolean) =>
    onChange({ leftOut: out ? [...choices.leftOut, id] : choices.leftOut.filter((other) => other !== id) });
  const add = (files: File[]) =>
    onChange({ added: files.reduce((all, file) => [...all, { id: nextFileId(all), file }], choices.added) });
  return (
    <Section title={words.files} note={sent.length > 0 ? words.fileCount(sent.length, total) : undefined}>
      {attached.length + choices.added.length === 0 && <p className={styles.quiet}>{words.noFiles}</p>}
      <ul className={styles.list}>
        {attached.map((file) => {
          const out = choices.leftOut.includes(file.id);
          const note = out ? words.leftOut : file.cloud ? words.cloudFile : undefined;
          return (
            <Row key={file.id} {...file} out={out} note={note} tooLarge={file.size > maxFileBytes ? maxFileBytes : undefined}
              label={out ? words.takeBack(file.name) : words.leaveOut(file.name)} onPress={() => toggle(file.id, !out)} />
          );
        })}
        {choices.added.map(({ id, file }) => (
          <Row key={id} name={file.name} size={file.size} type={file.type} note={words.largeFile}
            tooLarge={file.size > maxFileBytes ? maxFileBytes : undefined} label={words.removeFile(file.name)}
            onPress={() => onChange({ added: choices.added.filter((other) => other.id !== id) })} />
        ))}
      </ul>
      {inline > 0 && <p className={styles.quiet}>{words.inlineImages(inline)}</p>}
      {choices.added.length > 1 && (
        <Button size="small" appearance="subtle" onClick={() => onChange({ added: [] })}>
          {words.removeAllFiles}
        </Button>
      )}
      <DropZone onFiles={add} />
    </Section>
  );
}

interface RowProps {
  name: string;
  size: number;
  type: string;
  out?: boolean;
  note?: string | undefined;
  tooLarge?: number | undefined;
  label: string;
  onPress: () => void;
}

function Row({ name, size: bytes, type, out = false, note, tooLarge, label, onPress }: RowProps) {
  const words = useWords();
  const styles = useStyles();
  const facts = [size(bytes, words.tag), kind(name, type), note].filter(Boolean).join(" · ");
  return (
    <li className={styles.row}>
      <div className={styles.grow}>
        <bdi className={out ? styles.out : undefined}>{name}</bdi>
        <span className={styles.quiet}>{facts}</span>
        {tooLarge !== undefined && !out && <span className={styles.bad}>{words.fileTooLarge(size(tooLarge, words.tag))}</span>}
      </div>
      <Button size="small" appearance="subtle" icon={out ? <ArrowUndoRegular /> : <DismissRegular />} aria-label={label} title={label}
        onClick={onPress} />
    </li>
  );
}

/** A file's kind as people call it: the end of its name, else its media type. */
function kind(name: string, type: string): string {
  const end = /\.([\p{L}\p{Nd}]{1,8})$/u.exec(name)?.[1];
  return end ? end.toUpperCase() : type;
}
