import { Accordion, AccordionHeader, AccordionItem, AccordionPanel, Field, Input, MessageBar, MessageBarBody, Textarea } from "@fluentui/react-components";
import { useCallback, useState } from "react";
import type { Api } from "../api/client";
import type { PreviewRequest } from "../api/types";
import type { Draft } from "../office/draft";
import { useWords } from "../shell/context";
import { Section } from "../shell/Section";
import { useStyles } from "../shell/styles";
import { sentFiles } from "./check";
import { optionsOf, type Choices } from "./choices";
import { useSoon } from "./useSoon";

interface Props {
  api: Api;
  draft: Draft;
  choices: Choices;
  onChange: (change: Partial<Choices>) => void;
}

/** The mail with the link: the sender's own subject and words, and how it will read. */
export function Notification({ api, draft, choices, onChange }: Props) {
  const words = useWords();
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  return (
    <Accordion collapsible onToggle={(_, { openItems }) => setOpen(openItems.length > 0)}>
      <AccordionItem value="notification">
        <AccordionHeader as="h2">{words.notification}</AccordionHeader>
        <AccordionPanel>
          <div className={styles.section}>
            <p className={styles.quiet}>{words.confidentialText}</p>
            <MessageBar intent="warning" layout="multiline">
              <MessageBarBody>{words.inTheClear}</MessageBarBody>
            </MessageBar>
            <Field label={words.notifySubject}>
              <Input maxLength={200} value={choices.notifySubject} onChange={(_, { value }) => onChange({ notifySubject: value })} />
            </Field>
            <Field label={words.notifyText}>
              <Textarea maxLength={4000} rows={4} value={choices.notifyText} onChange={(_, { value }) => onChange({ notifyText: value })} />
            </Field>
            {open && <Preview api={api} draft={draft} choices={choices} />}
          </div>
        </AccordionPanel>
      </AccordionItem>
    </Accordion>
  );
}

function Preview({ api, draft, choices }: Omit<Props, "onChange">) {
  const words = useWords();
  const styles = useStyles();
  const ask = useCallback((request: PreviewRequest) => api.preview(request), [api]);
  const preview = useSoon(requestOf(draft, choices), ask);
  if (!preview) return null;
  return (
    <Section title={words.preview}>
      <div className={styles.letter} lang={choices.language} tabIndex={0} role="group" aria-label={words.preview}>
        <div>{words.previewFrom(preview.from)}</div>
        <strong>{preview.subject}</strong>
        <div>{preview.text}</div>
      </div>
    </Section>
  );
}

function requestOf(draft: Draft, choices: Choices): PreviewRequest {
  const { language, code, expiryDays, notifySubject, notifyText, showFileNames, request } = optionsOf(choices);
  const days = Number.isInteger(expiryDays) && expiryDays! >= 1 && expiryDays! <= 365 ? { expiryDays: expiryDays! } : {};
  const files = sentFiles({ ...draft, files: draft.files.filter(({ inline }) => !inline) }, choices).map(({ name }) => name.slice(0, 400));
  return {
    language,
    code,
    ...days,
    ...(notifySubject ? { notifySubject } : {}),
    ...(notifyText ? { notifyText } : {}),
    ...(request ? { request } : {}),
    ...(showFileNames ? { showFileNames, files } : {}),
  };
}
