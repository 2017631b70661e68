import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { SearchRequest, Transfer } from "../src/api/types";
import { Backend, id, live, problem, settings, type Call } from "./backend";
import { message } from "./outlook";
import { accessible, open } from "./pane";

const other = "01" + id.slice(2);
/** As a list has it. */
const { code: _, ...listed } = live;
const two: Transfer = {
  ...listed,
  subject: "The permit",
  caseId: "2026-17",
  acceptedAt: "2026-11-22T09:00:00Z",
  recipients: [
    { id: "r1", address: "citizen@home.example", field: "to", state: "downloaded", openedAt: "2026-11-22T10:00:00Z", downloads: [{ file: "f1", times: 2 }] },
    { id: "r2", address: "gone@home.example", field: "cc", state: "undeliverable", reason: "mailbox_missing", detail: "Outlook does not know this mailbox." },
  ],
};
const plain: Transfer = { ...listed, id: other, subject: "The plain one" };

/** A backend whose searches answer by what they ask for. */
const searching = (answer: (asked: SearchRequest) => { transfers: Transfer[]; next?: string }, more: ConstructorParameters<typeof Backend>[0] = {}) =>
  new Backend({ "POST /transfers/search": [(call: Call) => ({ status: 200, body: answer(JSON.parse(call.body) as SearchRequest) })], ...more });

const usual = (more: ConstructorParameters<typeof Backend>[0] = {}) =>
  searching(({ filter }) => ({ transfers: filter === "attention" ? [two] : [plain, two] }), more);

const reading = (backend: Backend) => open(backend, message(), { surface: "read" });
const asked = (backend: Backend) => backend.calls.filter(({ path }) => path === "/transfers/search").map(({ body }) => JSON.parse(body) as SearchRequest);
const unfold = async (user: ReturnType<typeof open>["user"], subject: string) => user.click(await screen.findByRole("button", { name: subject }));

describe("my transfers", () => {
  it("has failures first, each once, and is accessible open and closed", async () => {
    const { user } = reading(usual());
    await unfold(user, "The permit");
    const subjects = screen.getAllByRole("button", { expanded: false }).concat(screen.getAllByRole("button", { expanded: true }));
    expect(subjects.map((b) => b.textContent).filter((text) => text !== "My defaults")).toEqual(["The plain one", "The permit"]);
    const permit = screen.getByRole("button", { name: "The permit" });
    expect(permit.compareDocumentPosition(screen.getByRole("button", { name: "The plain one" }))).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
    await accessible();
  });

  it("tells what happened at each recipient and with each file, and why one was not reached", async () => {
    const { user } = reading(usual());
    await unfold(user, "The permit");
    screen.getByText("decision.pdf: downloaded 2 times");
    screen.getByText(/Opened: 22 November 2026/);
    screen.getByText("Outlook does not know this mailbox.");
    screen.getByText("Case 2026-17");
  });

  it("goes on page by page without repeating what stands there", async () => {
    const backend = searching(({ cursor, filter }) =>
      filter ? { transfers: [] } : cursor ? { transfers: [two, plain] } : { transfers: [two], next: "c1" });
    const { user } = reading(backend);
    await user.click(await screen.findByRole("button", { name: "Show more" }));
    await screen.findByRole("button", { name: "The plain one" });
    expect(screen.getAllByRole("button", { name: "The permit" })).toHaveLength(1);
    expect(asked(backend).at(-1)).toEqual({ cursor: "c1" });
  });

  it("searches and filters in the backend, and never in a URL", async () => {
    const backend = searching(({ text, filter }) => ({ transfers: text === "permit" && filter === "unopened" ? [two] : [], next: "older" }));
    const { user } = reading(backend);
    await user.selectOptions(await screen.findByRole("combobox", { name: "Show" }), "unopened");
    await user.type(screen.getByRole("searchbox", { name: "Search" }), "permit");
    await unfold(user, "The permit");
    expect(asked(backend).at(-1)).toEqual({ text: "permit", filter: "unopened" });
    expect(backend.calls.some(({ path }) => path.includes("permit"))).toBe(false);
    screen.getByRole("button", { name: "Search older ones" });
  });

  it("shows the answer to the last question, whichever comes last", async () => {
    let release = () => {};
    const slow = new Promise<void>((resolve) => (release = resolve));
    const backend = new Backend({
      "POST /transfers/search": [
        async (call: Call) => {
          const { filter } = JSON.parse(call.body) as SearchRequest;
          if (filter === "ended") await slow;
          return { status: 200, body: { transfers: filter === "ended" ? [two] : filter === "available" ? [plain] : [] } };
        },
      ],
    });
    const { user } = reading(backend);
    const show = await screen.findByRole("combobox", { name: "Show" });
    await user.selectOptions(show, "ended");
    await user.selectOptions(show, "available");
    await screen.findByRole("button", { name: "The plain one" });
    release();
    await slow;
    await new Promise((resolve) => setTimeout(resolve)); // the late answer has been read
    expect(screen.queryByRole("button", { name: "The permit" })).toBeNull();
  });

  it("fetches and shows the code again only when asked", async () => {
    const backend = usual({ [`GET /transfers/${other}`]: [problem(503, "unavailable", "Try later."), { status: 200, body: { ...plain, code: "kobber-7341" } }] });
    const { user } = reading(backend);
    await unfold(user, "The plain one");
    expect(backend.asked()).not.toContain(`GET /transfers/${other}`);
    await user.click(screen.getByRole("button", { name: "Show the access code" }));
    await screen.findByText("kobber-7341");
    await accessible();
  });

  it("says so where an earlier message's code opens it", async () => {
    const route = `GET /transfers/${other}`;
    const backend = usual({ [route]: [{ status: 200, body: plain }] });
    const { user } = reading(backend);
    await unfold(user, "The plain one");
    await user.click(screen.getByRole("button", { name: "Show the access code" }));
    await screen.findByText(/opens with the code of an earlier message/);
    await accessible();
    backend.answer(route, { status: 200, body: { ...plain, code: "kobber-7341" } }); // a new one has been made
    await user.click(screen.getByRole("button", { name: "Show the access code" }));
    await screen.findByText("kobber-7341");
  });

  it("says why the code cannot be fetched, and lets one try again", async () => {
    const route = `GET /transfers/${other}`;
    const backend = usual({ [route]: [problem(500, "internal", "It failed.")] });
    const { user } = reading(backend);
    await unfold(user, "The plain one");
    await user.click(screen.getByRole("button", { name: "Show the access code" }));
    await screen.findByText("It failed.");
    backend.answer(route, { status: 200, body: { ...plain, code: "kobber-7341" } });
    await user.click(screen.getByRole("button", { name: "Show the access code" }));
    await screen.findByText("kobber-7341");
  });

  it.each<[string, Partial<Transfer>]>([
    ["a password, which nobody knows again", { codeKind: "password" }],
    ["recipients who sign in", { recipients: [{ ...live.recipients![0]!, signsIn: true }] }],
    ["an end", { state: "expired" }],
  ])("offers no code where there is %s", async (_, part) => {
    const { user } = reading(searching(({ filter }) => ({ transfers: filter ? [] : [{ ...plain, ...part }] })));
    await unfold(user, "The plain one");
    expect(screen.queryByRole("button", { name: "Show the access code" })).toBeNull();
  });

  it("says that there is nothing, in other words for a search", async () => {
    const { user } = reading(searching(() => ({ transfers: [] })));
    await screen.findByText("You have not sent anything digitally yet.");
    await user.selectOptions(screen.getByRole("combobox", { name: "Show" }), "ended");
    await screen.findByText("Nothing found.");
  });
});

describe("a change of a transfer", () => {
  const path = `POST /transfers/${id}`;

  it("withdraws from one after asking, and restores", async () => {
    const without: Transfer = { ...two, recipients: [{ ...two.recipients![0]!, state: "withdrawn" }, two.recipients![1]!] };
    const backend = usual({ [`${path}/withdraw`]: [{ status: 200, body: without }], [`${path}/restore`]: [{ status: 200, body: two }] });
    const { user } = reading(backend);
    await unfold(user, "The permit");
    await user.click(screen.getByRole("button", { name: "Withdraw from citizen@home.example" }));
    await accessible();
    expect(backend.calls.some((call) => call.path.endsWith("withdraw"))).toBe(false);
    await user.click(screen.getByRole("button", { name: "Withdraw from citizen@home.example" }));
    await screen.findByText("Withdrawn.");
    expect(JSON.parse(backend.calls.at(-1)!.body)).toEqual({ recipient: "r1" });
    await user.click(screen.getByRole("button", { name: "Restore for citizen@home.example" }));
    await screen.findByText("Restored.");
    expect(backend.calls.at(-1)!.path).toBe(`/transfers/${id}/restore`);
  });

  it("does nothing when the question is answered with cancel", async () => {
    const backend = usual();
    const { user } = reading(backend);
    await unfold(user, "The permit");
    await user.click(screen.getByRole("button", { name: "Withdraw from everyone" }));
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(backend.calls.every((call) => !call.path.endsWith("withdraw"))).toBe(true);
  });

  it("withdraws from all and offers to restore only within the window", async () => {
    const gone: Transfer = { ...two, state: "withdrawn", undoUntil: new Date(Date.now() + 3_600_000).toISOString() };
    const over = { ...gone, undoUntil: "2020-01-01T00:00:00Z" };
    const backend = usual({ [`${path}/withdraw`]: [{ status: 200, body: gone }], [`${path}/restore`]: [{ status: 200, body: over }] });
    const { user } = reading(backend);
    await unfold(user, "The permit");
    await user.click(screen.getByRole("button", { name: "Withdraw from everyone" }));
    await user.click(screen.getByRole("button", { name: "Withdraw from everyone" }));
    await user.click(await screen.findByRole("button", { name: "Restore" }));
    await waitFor(() => expect(screen.queryByRole("button", { name: "Restore" })).toBeNull());
  });

  it("extends within what the organisation allows", async () => {
    const backend = usual({ [`${path}/extend`]: [{ status: 200, body: two }] });
    const { user } = reading(backend);
    await unfold(user, "The permit");
    await user.click(screen.getByRole("button", { name: "Change the expiry" }));
    const days = screen.getByRole("spinbutton", { name: "Days from now" });
    await user.clear(days);
    await user.type(days, "31");
    expect((screen.getByRole("button", { name: "Save" }) as HTMLButtonElement).disabled).toBe(true);
    await user.clear(days);
    await user.type(days, "30");
    const before = Date.now();
    await user.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByText("The expiry has been changed.");
    const { expiresAt } = JSON.parse(backend.calls.at(-1)!.body) as { expiresAt: string };
    const ahead = new Date(expiresAt).getTime() - before;
    expect(ahead).toBeGreaterThan(29.9 * 86_400_000);
    expect(ahead).toBeLessThan(30 * 86_400_000);
  });

  it("sends a new link to one", async () => {
    const backend = usual({ [`${path}/relink`]: [{ status: 200, body: two }] });
    const { user } = reading(backend);
    await unfold(user, "The permit");
    await user.click(screen.getByRole("button", { name: "Send a new link to gone@home.example" }));
    await screen.findByText(/A new link is on its way/);
    expect(JSON.parse(backend.calls.at(-1)!.body)).toEqual({ recipient: "r2" });
  });

  it("that is refused says why and leaves what stands there", async () => {
    const backend = usual({ [`${path}/withdraw`]: [problem(409, "conflict", "It was changed meanwhile.")] });
    const { user } = reading(backend);
    await unfold(user, "The permit");
    await user.click(screen.getByRole("button", { name: "Withdraw from everyone" }));
    await user.click(screen.getByRole("button", { name: "Withdraw from everyone" }));
    await screen.findByText("It was changed meanwhile.");
    screen.getByRole("button", { name: "Withdraw from everyone" });
  });
});

describe("what a sender takes along", () => {
  it("is the evidence, as a file", async () => {
    const saved: [string, string][] = [];
    URL.createObjectURL = (blob) => `blob:${(blob as Blob).size}`;
    URL.revokeObjectURL = () => {};
    const click = HTMLAnchorElement.prototype.click;
    HTMLAnchorElement.prototype.click = function () {
      saved.push([this.download, this.href]);
    };
    try {
      let made = () => {};
      const making = new Promise<void>((resolve) => (made = resolve));
      const backend = usual({
        [`GET /transfers/${id}/evidence.eml`]: [
          problem(503, "unavailable", "Try later."),
          async () => {
            await making;
            return new Response("From: a");
          },
        ],
      });
      const { user } = reading(backend);
      await unfold(user, "The permit");
      const button = screen.getByRole("button", { name: "Download evidence for the archive" });
      await user.click(button);
      await screen.findByText("The evidence is being made…");
      await user.click(button);
      made();
      await waitFor(() => expect(screen.queryByText("The evidence is being made…")).toBeNull());
      await waitFor(() => expect(saved).toEqual([[`evidence-${id.slice(0, 8)}.eml`, "blob:7"]]));
    } finally {
      HTMLAnchorElement.prototype.click = click;
    }
  });

  it("is a recipient's link, only where the organisation allows it", async () => {
    const { user } = reading(usual());
    await unfold(user, "The permit");
    expect(screen.queryByRole("button", { name: "Links to pass on yourself" })).toBeNull();
    cleanup();
    const allowed = { ...settings, policy: { ...settings.policy, senderLinks: true } };
    const backend = usual({
      "GET /settings": [{ status: 200, body: allowed }],
      [`POST /transfers/${id}/links`]: [{ status: 200, body: { links: [{ recipient: "r1", url: "https://post.example/l/x" }] } }],
    });
    const again = reading(backend);
    await unfold(again.user, "The permit");
    await again.user.click(screen.getByRole("button", { name: "Links to pass on yourself" }));
    await again.user.click(await screen.findByRole("button", { name: "Copy the link for citizen@home.example" }));
    await screen.findByText("Copied");
    expect(await navigator.clipboard.readText()).toBe("https://post.example/l/x");
    await accessible();
  });
});

describe("a mailbox's transfers", () => {
  const of = async (user: ReturnType<typeof open>["user"], name: string) => user.selectOptions(await screen.findByRole("combobox", { name: "Transfers of" }), name);

  it("are asked for by the mailbox's address, failures first too, and say who sent them", async () => {
    const hers = { ...plain, subject: "A colleague's", sender: { name: "A colleague", address: "colleague@municipality.example" } };
    const backend = searching(({ mailbox, filter }) => ({ transfers: filter ? [] : mailbox ? [hers] : [plain] }));
    const { user } = reading(backend);
    await of(user, "School");
    await unfold(user, "A colleague's");
    screen.getByText("Sent by A colleague");
    expect(screen.queryByText("The plain one")).toBeNull();
    expect(asked(backend).slice(-2)).toEqual([{ mailbox: "school@municipality.example" }, { mailbox: "school@municipality.example", filter: "attention" }]);
    await accessible();
  });

  it("are nobody's who is no member, and it says so", async () => {
    const backend = searching(() => ({ transfers: [] }), {
      "POST /transfers/search": [(call: Call) => (call.body.includes("mailbox") ? problem(404, "not_found", "Gone.") : { status: 200, body: { transfers: [] } })],
    });
    const { user } = reading(backend);
    await of(user, "School");
    await screen.findByText("You are not a member of this mailbox.");
  });
});

it("reminds who has not opened, and makes a new code to pass on", async () => {
  const reminded = { ...live, recipients: [{ ...live.recipients![0]!, remindedAt: "2026-11-23T09:00:00Z" }] };
  const backend = searching(({ filter }) => ({ transfers: filter ? [] : [{ ...listed, subject: "The permit" }] }), {
    [`POST /transfers/${id}/remind`]: [{ status: 200, body: { ...reminded, subject: "The permit" } }],
    [`POST /transfers/${id}/recode`]: [{ status: 200, body: { ...reminded, subject: "The permit", code: "TK47-3XVP-9RMC" } }],
  });
  const { user } = reading(backend);
  await unfold(user, "The permit");
  await user.click(screen.getByRole("button", { name: "Remind citizen@home.example" }));
  await screen.findByText("A reminder is on its way.");
  screen.getByText(/Reminded: 23 November 2026/);
  await user.click(screen.getByRole("button", { name: "New access code" }));
  await user.click(within(screen.getByRole("group", { name: "New access code" })).getAllByRole("button")[0]!);
  await screen.findByText("There is a new access code. Show it and pass it on.");
  await user.click(screen.getByRole("button", { name: "Show the access code" }));
  screen.getByText("TK47-3XVP-9RMC");
});
