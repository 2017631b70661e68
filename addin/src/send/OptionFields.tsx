import {
  Accordion,
  AccordionHeader,
  AccordionItem,
  AccordionPanel,
  Field,
  Input,
  Select,
} from "@fluentui/react-components";
import type { Language, Policy } from "../api/types";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import { day } from "../words/format";
import type { Choices } from "./choices";
import { RequestField } from "./RequestField";
import { Toggles } from "./Toggles";

interface Props {
  policy: Policy;
  choices: Choices;
  onChange: (change: Partial<Choices>) => void;
}

/** How long it is available. */
export function ExpiryField({ policy, choices, onChange }: Props) {
  const words = useWords();
  const days = choices.expiryDays;
  const valid = Number.isInteger(days) && days >= 1 && days <= policy.maxExpiryDays;
  const until = valid ? day(new Date(Date.now() + days * 86_400_000), words.tag) : "";
  return (
    <Field label={words.expiry} hint={valid ? words.expiryHint(until) : null}
      validationState={valid ? "none" : "error"} validationMessage={valid ? null : words.expiryLimit(policy.maxExpiryDays)}>
      <Input type="number" min={1} max={policy.maxExpiryDays} value={Number.isNaN(days) ? "" : String(days)}
        onChange={(_, { value }) => onChange({ expiryDays: value === "" ? NaN : Number(value) })} />
    </Field>
  );
}

/** What most messages leave as it is. asks offers to ask the recipients for something. */
export function MoreOptions({ policy, choices, onChange, asks }: Props & { asks: boolean }) {
  const words = useWords();
  const styles = useStyles();
  return (
    <Accordion collapsible>
      <AccordionItem value="more">
        <AccordionHeader as="h2">{words.moreOptions}</AccordionHeader>
        <AccordionPanel>
          <div className={styles.section}>
            <Field label={words.caseId}>
              <Input maxLength={100} value={choices.caseId} onChange={(_, { value }) => onChange({ caseId: value })} />
            </Field>
            <Field label={words.recipientLanguage}>
              <Select value={choices.language} onChange={(_, { value }) => onChange({ language: value as Language })}>
                {policy.languages.map((language) => (
                  <option key={language} value={language}>
                    {words.languages[language]}
                  </option>
                ))}
              </Select>
            </Field>
            {asks && <RequestField choices={choices} onChange={onChange} />}
            <Toggles choices={choices} onChange={onChange} />
          </div>
        </AccordionPanel>
      </AccordionItem>
    </Accordion>
  );
}
