import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { SendRequest } from "../src/api/types";
import { newAttempt } from "../src/send/attempt";
import { carryOut } from "../src/send/carryOut";
import { outlookDesk } from "../src/send/outlookDesk";
import { leftOutOf } from "../src/send/leftOut";
import { firstChoices, optionsOf } from "../src/send/choices";
import { Backend, live, receiving, settings } from "./backend";
import { message, openOutlook } from "./outlook";

// The pane's requests, and the answers that these tests give it, against the API's own description.
const spec = parse(readFileSync(join(import.meta.dirname, "../../backend/api/openapi.yaml"), "utf8")) as {
  components: { schemas: Record<string, object> };
};
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: "spec", components: spec.components });

function faults(schema: string, value: unknown): string {
  const validate = ajv.compile({ $ref: `spec#/components/schemas/${schema}` });
  return validate(value) ? "" : ajv.errorsText(validate.errors);
}

async function sent(change: Partial<ReturnType<typeof firstChoices>>): Promise<{ request: SendRequest; key: string }> {
  openOutlook(message({ sharedMailbox: "building@municipality.example" }));
  const backend = new Backend({ "POST /transfers": [{ status: 202, body: live }] });
  const choices = { ...firstChoices(settings, {}), ...change };
  const file = { id: "a/1", name: "decision.pdf", size: 1000, type: "", inline: false, cloud: false };
  const attempt = newAttempt(crypto.randomUUID(), optionsOf(choices), choices.added, leftOutOf([file], [file.id]));
  const around = { desk: outlookDesk, api: backend.api(), told: () => {}, signal: new AbortController().signal, wait: () => Promise.resolve() };
  await carryOut(attempt, around);
  const [post] = backend.posts();
  return { request: JSON.parse(post!.body) as SendRequest, key: post!.headers.get("Idempotency-Key")! };
}

describe("the API's description", () => {
  it("has the least request that the pane sends", async () => {
    const { request, key } = await sent({});
    expect(faults("SendRequest", request)).toBe("");
    expect(faults("Key", key)).toBe("");
  });

  it("has the largest", async () => {
    const { request } = await sent({
      added: [{ id: "u1", file: new File(["a"], "a") }],
      reply: { mailbox: "building", topic: "permits" },
      code: "password",
      password: "Vr7!kQ2xZ#9p",
      caseId: "2026-1",
      toggles: { notifyOnOpen: true, notifyOnDownload: true, confirmUpload: true, showFileNames: true },
    });
    expect(faults("SendRequest", request)).toBe("");
    expect(Object.keys(request).sort()).toEqual(["draftId", "leaveOut", "mailbox", "nonce", "options", "uploads"]);
    for (const id of request.uploads!) expect(faults("FileId", id)).toBe("");
  });

  it("has what else the pane asks for", () => {
    expect(faults("SearchRequest", { text: "a", filter: "attention", cursor: "c" })).toBe("");
    expect(faults("CheckRequest", { recipients: ["a@b.example; c"] })).toBe("");
    expect(faults("Checked", { recipients: [{ address: "a@b.example", marks: ["outside", "new", "lookalike"], like: "b@b.example" }] })).toBe("");
    expect(faults("PreviewRequest", { language: "da", code: "none", expiryDays: 7, notifySubject: "a", notifyText: "b", showFileNames: true, files: ["a"] })).toBe("");
    expect(faults("PreviewRequest", { language: "fr", code: "none" })).not.toBe("");
  });

  it("has the answers that the tests give", () => {
    expect(faults("Settings", settings)).toBe("");
    expect(faults("Transfer", live)).toBe("");
    expect(faults("Transfer", receiving)).toBe("");
    expect(faults("Transfer", { ...live, state: "gone" })).not.toBe("");
  });
});
