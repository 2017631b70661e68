import { Button, Field, Input } from "@fluentui/react-components";
import { useState } from "react";
import type { Api } from "../api/client";
import type { Policy, Transfer } from "../api/types";
import { useWords } from "../shell/context";
import { useStyles } from "../shell/styles";
import { day, moment } from "../words/format";
import { Confirm } from "./Confirm";
import type { Change } from "./useChange";

interface Props {
  api: Api;
  policy: Policy;
  transfer: Transfer;
  change: Change;
}

/** What can be done with a whole transfer. */
export function Actions({ api, policy, transfer, change }: Props) {
  const words = useWords();
  const styles = useStyles();
  const { id, state, undoUntil, codeKind } = transfer;
  if (state === "withdrawn" && undoUntil && new Date(undoUntil) > new Date()) {
    return (
      <div className={styles.section}>
        <span className={styles.quiet}>{words.restorableUntil(moment(new Date(undoUntil), words.tag))}</span>
        <div className={styles.buttons}>
          <Button size="small" disabled={change.busy} onClick={() => void change.run(() => api.restore(id), words.restoredNow)}>
            {words.restore}
          </Button>
        </div>
      </div>
    );
  }
  if (state !== "live") return null;
  const coded = codeKind === "generated" || codeKind === "password";
  return (
    <div className={styles.buttons}>
      {coded && (
        <Confirm word={words.newCode} label={words.newCode} question={words.newCodeAsk} busy={change.busy}
          onConfirm={() => void change.run(() => api.recode(id), words.newCodeMade)} />
      )}
      <Extend policy={policy} busy={change.busy} onSave={(until) => void change.run(() => api.extend(id, until), words.extendedNow)} />
      <Confirm word={words.withdrawAll} label={words.withdrawAll} question={words.withdrawAllAsk} busy={change.busy}
        onConfirm={() => void change.run(() => api.withdraw(id), words.withdrawnNow)} />
    </div>
  );
}

const dayMs = 86_400_000;

function Extend({ policy, busy, onSave }: { policy: Policy; busy: boolean; onSave: (until: Date) => void }) {
  const words = useWords();
  const styles = useStyles();
  const [days, setDays] = useState<number>();
  if (days === undefined) {
    return (
      <Button size="small" disabled={busy} onClick={() => setDays(policy.expiryDays)}>
        {words.extend}
      </Button>
    );
  }
  const valid = Number.isInteger(days) && days >= 1 && days <= policy.maxExpiryDays;
  // A minute less, so that the longest that is allowed is still so when it arrives.
  const until = new Date(Date.now() + days * dayMs - 60_000);
  const save = () => {
    setDays(undefined);
    onSave(until);
  };
  return (
    <div className={styles.section}>
      <Field label={words.daysFromNow} hint={valid ? words.expiryHint(day(until, words.tag)) : null} validationState={valid ? "none" : "error"}
        validationMessage={valid ? null : words.expiryLimit(policy.maxExpiryDays)}>
        <Input type="number" min={1} max={policy.maxExpiryDays} autoFocus value={Number.isNaN(days) ? "" : String(days)}
          onChange={(_, { value }) => setDays(value === "" ? NaN : Number(value))} />
      </Field>
      <div className={styles.buttons}>
        <Button size="small" appearance="primary" disabled={busy || !valid} onClick={save}>
          {words.save}
        </Button>
        <Button size="small" onClick={() => setDays(undefined)}>
          {words.cancel}
        </Button>
      </div>
    </div>
  );
}
