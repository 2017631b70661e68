import { useCallback, useEffect, useState } from "react";
import type { Api } from "../api/client";
import type { Settings } from "../api/types";
import { addPeople, onDraftChange, readDraft, type Draft, type Field, type Person } from "../office/draft";
import { recall } from "../office/remembered";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import { obstacles } from "./check";
import { firstChoices, phonesOf, type Choices } from "./choices";
import { CodeField } from "./CodeField";
import { FileList } from "./FileList";
import { ExpiryField, MoreOptions } from "./OptionFields";
import { Notification } from "./Notification";
import { leftOutOf } from "./leftOut";
import { useKnown, type Known } from "./known";
import { RecipientList } from "./RecipientList";
import { ReplyPicker } from "./ReplyPicker";
import { Stopped } from "./Stopped";
import { SubjectWarning } from "./SubjectWarning";
import { outlookDesk } from "./outlookDesk";
import { Ready } from "./Ready";
import { CloseMessage, Summary } from "./Summary";
import { useSending, type Start } from "./useSending";
import { Working } from "./Working";

interface Props {
  api: Api;
  settings: Settings;
  first: Draft;
  start: Start;
}

/** Beside a message being written: look, choose, send, see that it is done. */
export function ComposePane({ api, settings, first, start }: Props) {
  const words = useWords();
  const styles = useStyles();
  const [draft, reread] = useDraft(first);
  const known = useKnown(api, draft.people);
  const sending = useSending(api, start, outlookDesk, words);
  const [choices, setChoices] = useState(() => firstChoices(settings, recall()));
  const { phase } = sending;
  if (phase.name === "done") {
    const open = phase.transfer.state === "live";
    return (
      <div className={styles.pane}>
        <main className={styles.body} tabIndex={0}>
          <Summary api={api} policy={settings.policy} transfer={phase.transfer} mailboxes={settings.mailboxes} before={phase.before ?? false}
            note={phase.note} />
        </main>
        {open && (
          <footer className={styles.foot}>
            <CloseMessage api={api} transfer={phase.transfer} />
          </footer>
        )}
      </div>
    );
  }
  const editing = phase.name === "editing";
  const change = (part: Partial<Choices>) => editing && setChoices((all) => ({ ...all, ...part }));
  const send = () => sending.send(choices, leftOutOf(draft.files, choices.leftOut), phonesOf(choices, draft.people));
  return (
    <div className={styles.pane}>
      <main className={styles.body} tabIndex={editing ? undefined : 0}>
        <fieldset disabled={!editing} style={{ display: "contents" }}>
          <Form api={api} draft={draft} onDraft={reread} settings={settings} known={known} choices={choices} onChange={change} />
        </fieldset>
      </main>
      <footer className={styles.foot}>
        {phase.name === "editing" && (
          <Ready reasons={obstacles(draft, choices, settings, known, words)} notice={phase.notice} onSend={send} />
        )}
        {phase.name === "working" && <Working progress={phase.progress} onCancel={sending.cancel} />}
        {phase.name === "stopped" && (
          <Stopped api={api} policy={settings.policy} failure={phase.failure} uncertain={phase.uncertain} onAgain={sending.again}
            onChange={sending.change} />
        )}
      </footer>
    </div>
  );
}

interface FormProps {
  api: Api;
  onDraft: () => void;
  draft: Draft;
  settings: Settings;
  known: Known;
  choices: Choices;
  onChange: (part: Partial<Choices>) => void;
}

function Form({ api, draft, onDraft, settings, known, choices, onChange }: FormProps) {
  const { policy, mailboxes } = settings;
  const add = async (field: Field, people: Pick<Person, "name" | "address">[]) => {
    await addPeople(field, people);
    onDraft();
  };
  return (
    <>
      <SubjectWarning draft={draft} choices={choices} onChange={onChange} />
      <RecipientList api={api} people={draft.people} settings={settings} known={known} choices={choices} onAdd={add} />
      <FileList draft={draft} choices={choices} maxFileBytes={policy.maxFileBytes} onChange={onChange} />
      {mailboxes.length > 0 && (
        <ReplyPicker mailboxes={mailboxes} chosen={choices.reply} onChoose={(reply) => onChange({ reply })} />
      )}
      <CodeField people={draft.people} settings={settings} known={known} choices={choices} onChange={onChange} />
      <ExpiryField policy={policy} choices={choices} onChange={onChange} />
      <Notification api={api} draft={draft} choices={choices} onChange={onChange} />
      <MoreOptions policy={policy} choices={choices} onChange={onChange} asks />
    </>
  );
}

/** The message as it stands now: read again when Outlook tells of a change or the pane gets the focus. */
function useDraft(first: Draft): [Draft, () => void] {
  const [draft, setDraft] = useState(first);
  const read = useCallback(() => void readDraft().then(setDraft, () => undefined), []);
  useEffect(() => {
    void onDraftChange(read);
    window.addEventListener("focus", read);
    return () => window.removeEventListener("focus", read);
  }, [read]);
  return [draft, read];
}
