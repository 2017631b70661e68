import { describe, expect, it } from "vitest";
import { ApiFault, LostConnection } from "../src/api/fault";
import type { Transfer } from "../src/api/types";
import { Backend, id, live, problem, receiving, settings, stream } from "./backend";

const request = { draftId: "d", options: { language: "da", code: "none" } } as const;

describe("a call", () => {
  it("carries the token, the language and the key, and nothing in the address", async () => {
    const backend = new Backend({ "POST /transfers": [{ status: 202, body: receiving }] });
    await backend.api("nb").createTransfer("key-0123456789abcdef", request);
    const call = backend.calls[0]!;
    expect(call.headers.get("Authorization")).toBe("Bearer token");
    expect(call.headers.get("Accept-Language")).toBe("nb");
    expect(call.headers.get("Idempotency-Key")).toBe("key-0123456789abcdef");
    expect(call.path).toBe("/transfers");
  });

  it("renews a refused token once", async () => {
    const backend = new Backend({ "GET /settings": [problem(401, "unauthenticated", ""), { status: 200, body: settings }] });
    await expect(backend.api().settings()).resolves.toEqual(settings);
    expect(backend.calls.map((call) => call.headers.get("Authorization"))).toEqual(["Bearer token", "Bearer fresh"]);
  });

  it("does not renew it again and again", async () => {
    const backend = new Backend({ "GET /settings": [problem(401, "unauthenticated", "No.")] });
    await expect(backend.api().settings()).rejects.toThrow(ApiFault);
    expect(backend.calls).toHaveLength(2);
  });

  it("waits while the backend is busy, three tries in all", async () => {
    const busy = { ...problem(503, "unavailable", "Busy."), headers: { "Retry-After": "7" } };
    const backend = new Backend({ "GET /settings": [busy, busy, { status: 200, body: settings }] });
    await expect(backend.api().settings()).resolves.toEqual(settings);
    const down = new Backend({ "GET /settings": [busy] });
    await expect(down.api().settings()).rejects.toThrow(ApiFault);
    expect(down.calls).toHaveLength(3);
  });

  it("tells an answer from none", async () => {
    const backend = new Backend({ "GET /settings": ["lost"] });
    await expect(backend.api().settings()).rejects.toThrow(LostConnection);
  });

  it("gives the problem's sentences, and no foreign page's", async () => {
    const fields = [{ field: "caseId", rule: "max", message: "At most 100." }];
    const answer = { status: 400, body: { type: "", title: "T", status: 400, code: "invalid", detail: "D.", fields } };
    const fault = await new Backend({ "GET /settings": [answer] }).api().settings().catch((e: unknown) => e as ApiFault);
    expect((fault as ApiFault).sentence).toBe("D. At most 100.");
    const proxy = new Response("<h1>Bad gateway</h1>", { status: 502 });
    const other = await new Backend({ "GET /settings": [proxy] }).api().settings().catch((e: unknown) => e as ApiFault);
    expect((other as ApiFault).sentence).toBe("HTTP 502");
  });
});

it("follows a transfer", async () => {
  const backend = new Backend({ [`GET /transfers/${id}/progress`]: [stream(receiving, live)] });
  const told: Transfer[] = [];
  await backend.api().follow(id, (transfer) => told.push(transfer));
  expect(told.map(({ state }) => state)).toEqual(["receiving", "live"]);
});

it("uploads below the key, with a token for each request", async () => {
  const backend = new Backend();
  const file = new File(["abc"], "🐎.pdf");
  await backend.api().putFile("key-0123456789abcdef", { file, began: () => {}, sent: () => {}, broke: () => {}, signal: new AbortController().signal });
  const [upload] = backend.uploads;
  expect(upload).toMatchObject({ endpoint: "https://api.example/api/v1/uploads/key-0123456789abcdef", file });
  expect(await upload!.headers(false)).toMatchObject({ Authorization: "Bearer token" });
  expect(await upload!.headers(true)).toMatchObject({ Authorization: "Bearer fresh" });
});
