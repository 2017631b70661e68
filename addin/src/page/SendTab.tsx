import { Button, Field, Input, Textarea } from "@fluentui/react-components";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Api } from "../api/client";
import type { Settings } from "../api/types";
import type { Person } from "../office/draft";
import { obstacles } from "../send/check";
import { firstChoices, phonesOf, type Choices } from "../send/choices";
import { CodeField } from "../send/CodeField";
import { FileList } from "../send/FileList";
import { Notification } from "../send/Notification";
import { ExpiryField, MoreOptions } from "../send/OptionFields";
import { Ready } from "../send/Ready";
import { useKnown, type Known } from "../send/known";
import { RecipientList } from "../send/RecipientList";
import { ReplyPicker } from "../send/ReplyPicker";
import { RequestField } from "../send/RequestField";
import { Stopped } from "../send/Stopped";
import { SubjectWarning } from "../send/SubjectWarning";
import { Summary } from "../send/Summary";
import { useSending } from "../send/useSending";
import { Working } from "../send/Working";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import { deskOf, emptyLetter, type Letter } from "./desk";

interface Props {
  api: Api;
  settings: Settings;
  /** The recipients are asked for text and files. */
  asks?: boolean;
  /** What stands in it first. */
  first?: Letter;
  /** How the way on is called once it was sent. */
  next: string;
  onNext: () => void;
}

/** Write, choose, send, see that it is done: what the pane does beside Outlook's message. */
export function SendTab({ api, settings, asks = false, first = emptyLetter, next, onNext }: Props) {
  const words = useWords();
  const styles = useStyles();
  const [letter, setLetter] = useState(first);
  const [choices, setChoices] = useState<Choices>(() => ({ ...firstChoices(settings, {}), ...(asks ? { request: "once" as const } : {}) }));
  const known = useKnown(api, letter.people);
  const current = useRef(letter);
  current.current = letter;
  const desk = useMemo(() => deskOf(() => current.current), []);
  const start = useMemo(() => ({ key: crypto.randomUUID() }), []);
  const { phase, ...sending } = useSending(api, start, desk, words);
  useUnsent(phase.name !== "done" && (phase.name !== "editing" || letter !== first || choices.added.length > 0));
  if (phase.name === "done") {
    return (
      <>
        <Summary api={api} policy={settings.policy} transfer={phase.transfer} mailboxes={settings.mailboxes} before={false} note={phase.note} />
        <Button appearance="primary" onClick={onNext}>
          {next}
        </Button>
      </>
    );
  }
  const editing = phase.name === "editing";
  const write = (part: Partial<Letter>) => editing && setLetter((all) => ({ ...all, ...part }));
  const change = (part: Partial<Choices>) => editing && setChoices((all) => ({ ...all, ...part }));
  const reasons = [...(letter.subject.trim() ? [] : [words.page.subjectMissing]), ...obstacles(letter, choices, settings, known, words)];
  return (
    <>
      <fieldset disabled={!editing} style={{ display: "contents" }}>
        <Form api={api} settings={settings} known={known} letter={letter} onLetter={write} choices={choices} onChange={change} asks={asks} />
      </fieldset>
      <div className={styles.section}>
        {phase.name === "editing" && <Ready reasons={reasons} notice={phase.notice} onSend={() => sending.send(choices, [], phonesOf(choices, letter.people))} />}
        {phase.name === "working" && <Working progress={phase.progress} onCancel={sending.cancel} />}
        {phase.name === "stopped" && (
          <Stopped api={api} policy={settings.policy} failure={phase.failure} uncertain={phase.uncertain} onAgain={sending.again}
            onChange={sending.change} />
        )}
      </div>
    </>
  );
}

/** While something is written or on its way, the browser asks before the page is left. */
function useUnsent(unsent: boolean): void {
  useEffect(() => {
    if (!unsent) return;
    const ask = (event: Event) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [unsent]);
}

interface FormProps {
  api: Api;
  settings: Settings;
  known: Known;
  letter: Letter;
  onLetter: (part: Partial<Letter>) => void;
  choices: Choices;
  onChange: (part: Partial<Choices>) => void;
  asks: boolean;
}

const longestSubject = 255;

function Form({ api, settings, known, letter, onLetter, choices, onChange, asks }: FormProps) {
  const words = useWords();
  const { policy, mailboxes } = settings;
  const add = (field: Person["field"], people: Pick<Person, "name" | "address">[]) =>
    onLetter({ people: [...letter.people, ...people.map((one) => ({ ...one, field }))] });
  return (
    <>
      <RecipientList api={api} people={letter.people} settings={settings} known={known} choices={choices} onAdd={add}
        onRemove={(person) => onLetter({ people: letter.people.filter((one) => one.address !== person.address) })} />
      <Field label={words.page.subject} required>
        <Input maxLength={longestSubject} value={letter.subject} onChange={(_, { value }) => onLetter({ subject: value })} />
      </Field>
      <SubjectWarning draft={letter} choices={choices} onChange={onChange} />
      {asks && <RequestField choices={choices} onChange={onChange} always />}
      <Field label={asks ? words.page.requestText : words.page.message} hint={words.page.messageHint}>
        <Textarea rows={8} resize="vertical" value={letter.text} onChange={(_, { value }) => onLetter({ text: value })} />
      </Field>
      <FileList draft={letter} choices={choices} maxFileBytes={policy.maxFileBytes} onChange={onChange} />
      {mailboxes.length > 0 && <ReplyPicker mailboxes={mailboxes} chosen={choices.reply} onChoose={(reply) => onChange({ reply })} />}
      <CodeField people={letter.people} settings={settings} known={known} choices={choices} onChange={onChange} />
      <ExpiryField policy={policy} choices={choices} onChange={onChange} />
      <Notification api={api} draft={letter} choices={choices} onChange={onChange} />
      <MoreOptions policy={policy} choices={choices} onChange={onChange} asks={false} />
    </>
  );
}
