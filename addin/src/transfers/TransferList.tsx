import { Button, Field, Input, Select, Spinner } from "@fluentui/react-components";
import { ArrowClockwiseRegular, SearchRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import type { Api } from "../api/client";
import type { Mailbox, Policy, Transfer } from "../api/types";
import { useWords } from "../shell/context";
import { Section } from "../shell/Section";
import { useStyles } from "../shell/styles";
import { TransferRow } from "./TransferRow";
import { useTransfers, type Query } from "./useTransfers";

const filters = ["all", "attention", "unopened", "available", "ended"] as const;
const typingPause = 400;

interface Props {
  api: Api;
  policy: Policy;
  /** Mailboxes whose transfers may be asked for; whether she is a member, Outlook says then. */
  mailboxes?: Mailbox[];
}

/** The caller's transfers, or a mailbox's: what needs somebody first, then the newest; searched and filtered by the backend. */
export function TransferList({ api, policy, mailboxes = [] }: Props) {
  const words = useWords();
  const styles = useStyles();
  const [query, setQuery] = useState<Query>({ mailbox: "", text: "", filter: "all" });
  const { urgent, transfers, next, failure, load, replace } = useTransfers(api, query);
  const narrowed = query.text.trim() !== "" || query.filter !== "all";
  const empty = transfers !== undefined && transfers.length + urgent.length === 0;
  const rows = (list: Transfer[]) => (
    <ul className={styles.list}>
      {list.map((transfer) => (
        <TransferRow key={transfer.id} api={api} policy={policy} transfer={transfer} onChange={replace} />
      ))}
    </ul>
  );
  return (
    <>
      <Section title={words.myTransfers}
        note={<Button size="small" appearance="subtle" icon={<ArrowClockwiseRegular />} aria-label={words.refresh} title={words.refresh} onClick={() => load()} />}>
        <Finder query={query} mailboxes={mailboxes} onChange={setQuery} />
      </Section>
      {!transfers && !failure && <Spinner size="tiny" aria-label={words.myTransfers} />}
      {urgent.length > 0 && <Section title={words.filters.attention}>{rows(urgent)}</Section>}
      <div className={styles.section} aria-live="polite">
        {empty && <p className={styles.quiet}>{narrowed || query.mailbox ? words.nothingFound : words.noTransfers}</p>}
      </div>
      {transfers && transfers.length > 0 && rows(transfers)}
      {failure && (
        <p role="alert" className={styles.bad}>
          {failure.sentence}
        </p>
      )}
      {(next ?? failure) && (
        <Button onClick={() => load(next)}>{failure ? words.tryAgain : narrowed ? words.searchOlder : words.more}</Button>
      )}
    </>
  );
}

/** What to look for. Words are asked for once the typing pauses. */
function Finder({ query, mailboxes, onChange }: { query: Query; mailboxes: Mailbox[]; onChange: (query: Query) => void }) {
  const words = useWords();
  const styles = useStyles();
  const [text, setText] = useState(query.text);
  useEffect(() => {
    if (text === query.text) return undefined;
    const timer = setTimeout(() => onChange({ ...query, text }), typingPause);
    return () => clearTimeout(timer);
  }, [text, query, onChange]);
  return (
    <div className={styles.section} role="search">
      {mailboxes.length > 0 && (
        <Field label={words.transfersOf}>
          <Select value={query.mailbox} onChange={(_, { value }) => onChange({ ...query, mailbox: value })}>
            <option value="">{words.mine}</option>
            {mailboxes.map(({ id, name, address }) => (
              <option key={id} value={address}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <Field label={words.search}>
        <Input type="search" className={styles.full} contentBefore={<SearchRegular />} placeholder={words.searchHint} maxLength={200} value={text} onChange={(_, { value }) => setText(value)} />
      </Field>
      <Field label={words.show}>
        <Select value={query.filter} onChange={(_, { value }) => onChange({ ...query, filter: value as Query["filter"] })}>
          {filters.map((filter) => (
            <option key={filter} value={filter}>
              {words.filters[filter]}
            </option>
          ))}
        </Select>
      </Field>
    </div>
  );
}
