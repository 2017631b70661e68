import type { Settings } from "../api/types";
import type { Rules } from "../alerts/decide";
import { attempt } from "./call";

/** Keeps for the send event, which cannot ask the backend, what the organisation wants of it. */
export async function keepRules({ policy, caller }: Settings): Promise<void> {
  const domain = caller.address.slice(caller.address.lastIndexOf("@") + 1).toLowerCase();
  const rules: Rules = { mode: policy.alerts, own: domain ? [domain] : [] };
  await attempt<void>((done) => {
    const settings = Office.context.roamingSettings;
    if (JSON.stringify(settings.get("sd.alerts")) === JSON.stringify(rules)) return done({ status: "succeeded" } as unknown as Office.AsyncResult<void>);
    settings.set("sd.alerts", rules);
    settings.saveAsync(done);
  });
}
