import { Accordion, AccordionHeader, AccordionItem, AccordionPanel, Button, Field, Select, Textarea } from "@fluentui/react-components";
import { useState } from "react";
import type { Api } from "../api/client";
import type { Defaults, Language, Settings } from "../api/types";
import { recall, remember } from "../office/remembered";
import { firstChoices, optionsOf, type Choices } from "../send/choices";
import { failureOf } from "../send/failure";
import { ExpiryField } from "../send/OptionFields";
import { ReplyPicker } from "../send/ReplyPicker";
import { Toggles } from "../send/Toggles";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";

/** The caller's defaults: kept by the backend, with a copy in Outlook's roaming settings. */
export function MySettings({ api, settings }: { api: Api; settings: Settings }) {
  const words = useWords();
  const styles = useStyles();
  const [choices, setChoices] = useState(() => firstChoices(settings, recall()));
  const [said, setSaid] = useState("");
  const { policy, mailboxes } = settings;
  const change = (part: Partial<Choices>) => setChoices((all) => ({ ...all, ...part }));
  const save = async () => {
    setSaid("");
    try {
      await api.keepDefaults(defaultsOf(choices));
      await remember(optionsOf(choices));
      setSaid(words.settingsKept);
    } catch (error) {
      setSaid(failureOf(error, words).sentence);
    }
  };
  return (
    <Accordion collapsible>
      <AccordionItem value="settings">
        <AccordionHeader as="h2">{words.mySettings}</AccordionHeader>
        <AccordionPanel>
          <div className={styles.section}>
            <p className={styles.quiet}>{words.mySettingsHint}</p>
            {mailboxes.length > 0 && <ReplyPicker mailboxes={mailboxes} chosen={choices.reply} onChoose={(reply) => change({ reply })} />}
            <Field label={words.code}>
              <Select value={choices.code} onChange={(_, { value }) => change({ code: value as Choices["code"] })}>
                {policy.codes.map((kind) => (
                  <option key={kind} value={kind}>
                    {words.codeKinds[kind]}
                  </option>
                ))}
              </Select>
            </Field>
            <ExpiryField policy={policy} choices={choices} onChange={change} />
            <Field label={words.recipientLanguage}>
              <Select value={choices.language} onChange={(_, { value }) => change({ language: value as Language })}>
                {policy.languages.map((language) => (
                  <option key={language} value={language}>
                    {words.languages[language]}
                  </option>
                ))}
              </Select>
            </Field>
            <Toggles choices={choices} onChange={change} />
            <Field label={words.signature} hint={words.inTheClear}>
              <Textarea maxLength={500} value={choices.notifyText} onChange={(_, { value }) => change({ notifyText: value })} />
            </Field>
            <div className={styles.buttons}>
              <Button appearance="primary" onClick={() => void save()}>
                {words.save}
              </Button>
            </div>
            <span role="status">{said}</span>
          </div>
        </AccordionPanel>
      </AccordionItem>
    </Accordion>
  );
}

function defaultsOf({ expiryDays, language, code, reply, toggles, notifyText }: Choices): Defaults {
  const signature = notifyText.trim();
  return {
    ...(Number.isInteger(expiryDays) ? { expiryDays } : {}),
    language,
    code,
    ...toggles,
    ...(reply ? { replyMailbox: reply.mailbox } : {}),
    ...(reply?.topic ? { replyTopic: reply.topic } : {}),
    ...(signature ? { signature } : {}),
  };
}
