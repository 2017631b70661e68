import { Field, Input, MessageBar, MessageBarBody, Button, Radio, RadioGroup, mergeClasses } from "@fluentui/react-components";
import { EyeOffRegular, EyeRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { CodeKind, Settings } from "../api/types";
import type { Person } from "../office/draft";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import type { Words } from "../words";
import type { Choices } from "./choices";
import type { Known } from "./known";
import { PhoneFields } from "./PhoneFields";
import { strengthOf } from "./strength";

interface Props {
  people: Person[];
  settings: Settings;
  known: Known;
  choices: Choices;
  onChange: (change: Partial<Choices>) => void;
}

/** How the link is protected: what the organisation allows, with what follows from it. */
export function CodeField({ people, settings, known, choices, onChange }: Props) {
  const { codes, minPassword } = settings.policy;
  const words = useWords();
  const styles = useStyles();
  const warning = warningOf(choices.code, words);
  return (
    <div className={styles.section}>
      <Field label={words.code} hint={hintOf(choices.code, words) ?? null}>
        <RadioGroup value={choices.code} onChange={(_, { value }) => onChange({ code: value as CodeKind })}>
          {codes.map((kind) => (
            <Radio key={kind} value={kind} label={words.codeKinds[kind]} />
          ))}
        </RadioGroup>
      </Field>
      {choices.code === "password" && (
        <PasswordField value={choices.password} minimum={minPassword} onChange={(password) => onChange({ password })} />
      )}
      {choices.code === "sms" && <PhoneFields people={people} settings={settings} known={known} choices={choices} onChange={onChange} />}
      {warning && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{warning}</MessageBarBody>
        </MessageBar>
      )}
    </div>
  );
}

function hintOf(code: CodeKind, words: Words): string | undefined {
  if (code === "generated") return words.codeGeneratedHint;
  if (code === "sms") return words.codeSmsHint;
  return code === "password" ? words.codePasswordHint : undefined;
}

function warningOf(code: CodeKind, words: Words): string | undefined {
  if (code === "none") return words.codeNoneWarning;
  return code === "mail" ? words.codeMailWarning : undefined;
}

function PasswordField({ value, minimum, onChange }: { value: string; minimum: number; onChange: (password: string) => void }) {
  const words = useWords();
  const [shown, setShown] = useState(false);
  const label = shown ? words.passwordHide : words.passwordShow;
  return (
    <Field label={words.password} required hint={words.passwordMinimum(minimum)}>
      <Input type={shown ? "text" : "password"} autoComplete="new-password" spellCheck={false} maxLength={200} value={value}
        onChange={(_, data) => onChange(data.value)}
        contentAfter={
          <Button size="small" appearance="transparent" icon={shown ? <EyeOffRegular /> : <EyeRegular />} aria-label={label} title={label}
            onClick={() => setShown(!shown)} />
        } />
      <StrengthMeter password={value} />
    </Field>
  );
}

/** Four bars and the word beside them; the word alone is enough. */
function StrengthMeter({ password }: { password: string }) {
  const words = useWords();
  const styles = useStyles();
  const strength = strengthOf(password);
  const said = password === "" ? "" : `${words.strength}: ${words.strengths[strength]}`;
  return (
    <div>
      <div className={styles.strip} aria-hidden>
        {[1, 2, 3, 4].map((n) => (
          <span key={n} className={mergeClasses(styles.bar, strength >= n && password !== "" && styles.barOn)} />
        ))}
      </div>
      <span role="status" className={styles.quiet}>
        {said}
      </span>
    </div>
  );
}
