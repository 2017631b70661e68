import { act, fireEvent, render, renderHook, screen, waitFor, within } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { Api, session } from "../src/api/client";
import { LostConnection } from "../src/api/fault";
import type { Received, ReceivedMessage } from "../src/api/types";
import { App } from "../src/page/App";
import { useLanguage } from "../src/page/language";
import { placeOf, pathOf } from "../src/page/place";
import { readSession, signed } from "../src/page/session";
import { Backend, id, live, settings } from "./backend";
import { accessible, accepted, body } from "./pane";

const checked = {
  "POST /recipients/check": [
    (call: { body: string }) => {
      const { recipients } = JSON.parse(call.body) as { recipients: string[] };
      const found = recipients.flatMap((list) => list.split(";")).map((one) => one.trim());
      return { status: 200, body: { recipients: found.map((address) => ({ address, marks: address.includes("@") ? ["outside"] : ["invalid"] })) } };
    },
  ],
};

const item: Received = {
  id,
  sender: { name: "The caseworker", address: "caseworker@municipality.example" },
  subject: "The plans",
  receivedAt: "2026-11-20T09:00:00Z",
  expiresAt: "2026-11-27T09:00:00Z",
  fileCount: 1,
  opened: false,
};
const message: ReceivedMessage = {
  ...item,
  to: [{ address: "colleague@municipality.example" }],
  cc: [],
  files: [{ id: "f1", name: "plans <1>.pdf", type: "application/pdf", size: 1000 }],
};

/** Opens the page as somebody with these roles. */
function open(backend: Backend, roles: string[] = ["Caseworker"]): UserEvent {
  backend.answer("GET /settings", { status: 200, body: { ...settings, caller: { ...settings.caller, roles } } });
  render(<App api={backend.api()} account="somebody@municipality.example" language="en" onLanguage={vi.fn()} csrf={() => "token"} onSession={() => undefined} renew={() => Promise.resolve()} />);
  return userEvent.setup({ pointerEventsCheck: 0 });
}

beforeEach(() => history.replaceState(null, "", "/send"));

it("sends what is written on the page, to recipients that were checked", async () => {
  const backend = new Backend({ ...accepted, ...checked });
  const user = open(backend);
  await user.type(await screen.findByLabelText("Add recipients", { selector: "textarea" }), "citizen@home.example; nobody");
  await user.click(screen.getByRole("button", { name: "Check and add" }));
  await screen.findByText("Not added, because they are no e-mail addresses: nobody");
  await user.type(screen.getByLabelText(/^Subject/), " The plans ");
  await user.type(screen.getByLabelText("Confidential message"), "Dear you");
  await user.upload(screen.getByTestId("chooser"), new File(["content"], "plans.pdf"));
  await accessible();
  expect(backend.posts()).toEqual([]); // nothing leaves before Send
  expect(backend.uploads).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Send Digitally" }));
  await screen.findByText("kobber-7341");
  expect(body(backend).message).toEqual({
    subject: "The plans",
    text: "Dear you",
    recipients: [{ address: "citizen@home.example", field: "to" }],
  });
  expect(body(backend).uploads).toEqual(["u1"]);
  await user.click(screen.getByRole("button", { name: "Start a new one" }));
  expect(await screen.findByLabelText("Confidential message")).toHaveProperty("value", "");
});

it("does not send without a subject, and forgets a recipient who is removed", async () => {
  const backend = new Backend({ ...accepted, ...checked });
  const user = open(backend);
  await user.type(await screen.findByLabelText("Add recipients", { selector: "textarea" }), "citizen@home.example");
  await user.click(screen.getByRole("button", { name: "Check and add" }));
  await user.click(await screen.findByRole("button", { name: "Remove citizen@home.example" }));
  await user.click(screen.getByRole("button", { name: "Send Digitally" }));
  const alert = await screen.findByRole("alert");
  expect(within(alert).getByText("Write a subject.")).toBeTruthy();
  expect(within(alert).getByText("Add at least one recipient.")).toBeTruthy();
  expect(backend.posts()).toEqual([]);
});

it("keeps what is written while another tab is looked at", async () => {
  const user = open(new Backend({ "GET /received": [{ status: 200, body: { messages: [] } }] }));
  await user.type(await screen.findByLabelText("Confidential message"), "Half a letter");
  await user.click(screen.getByRole("link", { name: "Received" }));
  await screen.findByText("You have received nothing that is still available.");
  expect(location.pathname).toBe("/received");
  await user.click(screen.getByRole("link", { name: "Send Digitally" }));
  expect(screen.getByLabelText("Confidential message")).toHaveProperty("value", "Half a letter");
});

it("answers what was received, below it, and keeps the letter that was begun before", async () => {
  history.replaceState(null, "", `/received/${id}`);
  const backend = new Backend({ ...accepted, ...checked, [`GET /received/${id}`]: [{ status: 200, body: message }] });
  const user = open(backend);
  const shown = (label: string | RegExp) => screen.getAllByLabelText(label).find((field) => !field.closest("[hidden]"))!;
  await user.click(await screen.findByText("Reply"));
  await screen.findByText("Reply to The caseworker");
  expect(screen.queryByText("Reply")).toBeNull();
  expect(shown(/^Subject/)).toHaveProperty("value", "Re: The plans");
  await user.type(shown("Confidential message"), "They are fine");
  await user.click(screen.getByRole("link", { name: "Send Digitally" }));
  expect(shown("Confidential message")).toHaveProperty("value", "");
  history.back();
  await waitFor(() => expect(shown("Confidential message")).toHaveProperty("value", "They are fine"));
  await user.click(screen.getByRole("button", { name: "Send Digitally" }));
  await screen.findByText("Sent encrypted");
  expect(body(backend).message).toEqual({
    subject: "Re: The plans",
    text: "They are fine",
    recipients: [{ address: "caseworker@municipality.example", name: "The caseworker", field: "to" }],
  });
  await user.click(screen.getByText("Close the reply"));
  await screen.findByText("Reply");
});

it("keeps an answer that was begun while another one is", async () => {
  history.replaceState(null, "", `/received/${id}`);
  const other = id.replace(/0$/, "1");
  const backend = new Backend({
    "GET /received": [{ status: 200, body: { messages: [item, { ...item, id: other, subject: "The drains" }] } }],
    [`GET /received/${id}`]: [{ status: 200, body: message }],
    [`GET /received/${other}`]: [{ status: 200, body: { ...message, id: other, subject: "The drains" } }],
  });
  const user = open(backend);
  const shown = (label: string | RegExp) => screen.getAllByLabelText(label).find((field) => !field.closest("[hidden]"))!;
  await user.click(await screen.findByText("Reply"));
  await user.type(shown("Confidential message"), "They are fine");
  await user.click(screen.getByRole("button", { name: "Back to the list" }));
  await user.click(await screen.findByRole("link", { name: "The drains" }));
  await user.click(await screen.findByText("Reply"));
  expect(shown(/^Subject/)).toHaveProperty("value", "Re: The drains");
  await user.click(screen.getByRole("button", { name: "Back to the list" }));
  await user.click(await screen.findByRole("link", { name: "The plans" }));
  expect(shown("Confidential message")).toHaveProperty("value", "They are fine");
});

it("has the browser ask before a letter that is begun is left, until it is sent", async () => {
  const leaves = () => window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
  const user = open(new Backend({ ...accepted, ...checked }));
  await screen.findByLabelText("Confidential message");
  expect(leaves()).toBe(true);
  await user.type(screen.getByLabelText("Add recipients", { selector: "textarea" }), "citizen@home.example");
  await user.click(screen.getByRole("button", { name: "Check and add" }));
  await screen.findByRole("button", { name: "Remove citizen@home.example" });
  expect(leaves()).toBe(false);
  await user.type(screen.getByLabelText(/^Subject/), "The plans");
  await user.click(screen.getByRole("button", { name: "Send Digitally" }));
  await screen.findByText("Sent encrypted");
  expect(leaves()).toBe(true);
});

it("shows what was received to who may not send, and deletes it when she confirms", async () => {
  history.replaceState(null, "", "/received");
  const backend = new Backend({
    "GET /received": [{ status: 200, body: { messages: [item] } }, { status: 200, body: { messages: [] } }],
    [`GET /received/${id}`]: [{ status: 200, body: message }],
    [`DELETE /received/${id}`]: [{ status: 204 }],
  });
  const user = open(backend, []);
  await user.click(await screen.findByRole("link", { name: "The plans" }));
  expect(screen.queryByRole("link", { name: "Send Digitally" })).toBeNull();
  const file = await screen.findByRole("link", { name: "Download plans <1>.pdf" });
  expect(file.getAttribute("href")).toBe(`https://api.example/api/v1/received/${id}/files/f1`);
  expect(screen.getByTitle("The message").getAttribute("sandbox")).not.toContain("allow-scripts");
  await accessible();
  await user.click(screen.getByRole("button", { name: "Delete" }));
  expect(backend.asked()).not.toContain(`DELETE /received/${id}`);
  await user.click(screen.getByRole("button", { name: "Delete" }));
  await screen.findByText("Deleted.");
  await user.click(screen.getByRole("button", { name: "Back to the list" }));
  await screen.findByText("You have received nothing that is still available.");
});

it("brings the next messages once, however often one presses", async () => {
  history.replaceState(null, "", "/received");
  const older = { status: 200, body: { messages: [{ ...item, id: id.replace(/0$/, "1"), subject: "The drains" }] } };
  const backend = new Backend({ "GET /received": [{ status: 200, body: { messages: [item], next: "c" } }], "GET /received?cursor=c": [older] });
  open(backend, []);
  const more = await screen.findByRole("button", { name: "Show more" });
  fireEvent.click(more);
  fireEvent.click(more);
  await waitFor(() => expect(screen.queryByRole("button", { name: "Show more" })).toBeNull());
  await waitFor(() => expect(backend.asked().filter((one) => one.includes("cursor=c"))).toHaveLength(2));
  await act(() => new Promise((resolve) => setTimeout(resolve, 0)));
  expect(screen.getAllByRole("link", { name: "The drains" })).toHaveLength(1);
});

it("says the same of what is another's and of what is over", async () => {
  history.replaceState(null, "", `/received/${id}`);
  const problem = { type: "about:blank", title: "Not found", status: 404, code: "not_found" };
  open(new Backend({ [`GET /received/${id}`]: [{ status: 404, body: problem }] }));
  await screen.findByText(/There is no such message for you/);
});

it("knows its places by their addresses", () => {
  for (const path of ["/send", "/sent", "/received", `/received/${id}`]) expect(pathOf(placeOf(path))).toBe(path);
  expect(placeOf("/received/../../x")).toEqual({ tab: "received" });
  expect(placeOf("/")).toEqual({ tab: "send" });
});

it("leaves the language of a notice's link once another is chosen", async () => {
  history.replaceState(null, "", `/received/${id}?lang=da`);
  const asked = vi.fn(() => Promise.resolve(new Response()));
  vi.stubGlobal("fetch", asked);
  const { result } = renderHook(() => useLanguage("da"));
  act(() => result.current[1]("nb"));
  expect([result.current[0], location.pathname, location.search]).toEqual(["nb", `/received/${id}`, ""]);
  expect(asked).toHaveBeenCalledWith(`/received/${id}?lang=nb`, expect.anything());
  vi.unstubAllGlobals();
});

it("acts in the browser's session only with its token, and takes the new one after signing in again", async () => {
  const asked: [string, RequestInit][] = [];
  let mine: { csrf: string; account: string } | undefined = { csrf: "second", account: "me" };
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(mine), { status: mine ? 200 : 401 })));
  const told: boolean[] = [];
  let anew = 0;
  const { token, csrf } = signed({ csrf: "first", account: "me" }, (ended) => told.push(ended), () => anew++);
  const answers = [401, 200];
  const answer = (url: string, init: RequestInit) => {
    asked.push([url, init]);
    return Promise.resolve(new Response("{}", { status: answers.shift() ?? 401 }));
  };
  const api = new Api({ origin: "", token, scheme: session, language: "en", fetch: (url, init) => answer(String(url), init!) });
  await api.settings();
  expect(asked.map(([, { headers }]) => new Headers(headers).get("X-CSRF-Token"))).toEqual(["first", "second"]);
  expect(asked.every(([, { credentials, headers }]) => credentials === "same-origin" && !new Headers(headers).has("Authorization"))).toBe(true);
  expect([csrf(), told, anew]).toEqual(["second", [false], 0]);
  mine = { csrf: "third", account: "another" };
  const before = asked.length;
  await expect(api.createTransfer("key", {} as never)).rejects.toThrow("sign-in: ended");
  expect(anew).toBe(1);
  expect([asked.length - before, csrf(), told.at(-1)]).toEqual([1, "second", true]); // what one wrote is not sent as another
  mine = undefined;
  await expect(api.settings()).rejects.toThrow("sign-in: ended");
  expect(told.at(-1)).toBe(true);
  vi.unstubAllGlobals();
});

it("says when nobody is signed in any more, how to go on, and that one has", async () => {
  let mine: { csrf: string; account: string } | undefined;
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(mine ?? {}), { status: mine ? 200 : 401 })));
  let tell = (_: boolean): void => undefined;
  let anew = 0;
  const { token } = signed({ csrf: "first", account: "me" }, (ended) => tell(ended), () => anew++);
  const renew = () => token(true);
  const onSession = (told: (ended: boolean) => void) => void (tell = told);
  const backend = new Backend();
  render(<App api={backend.api()} account="me" language="en" onLanguage={vi.fn()} csrf={() => ""} onSession={onSession} renew={renew} />);
  await screen.findByLabelText("Confidential message");
  await expect(renew()).rejects.toThrow("sign-in: ended");
  const link = await screen.findByRole("link", { name: "Sign in again" });
  expect([link.getAttribute("href"), link.getAttribute("target")]).toEqual(["/signin?next=/signin/done", "_blank"]);
  mine = { csrf: "second", account: "me" };
  window.dispatchEvent(new Event("focus"));
  await waitFor(() => expect(screen.queryByRole("link", { name: "Sign in again" })).toBeNull());
  mine = { csrf: "third", account: "another" };
  window.dispatchEvent(new Event("focus"));
  await waitFor(() => expect(anew).toBe(1));
  mine = { csrf: "fourth", account: "me" };
  window.dispatchEvent(new Event("focus"));
  await waitFor(() => expect(screen.queryByRole("link", { name: "Sign in again" })).toBeNull());
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
  await expect(renew()).rejects.toThrow(LostConnection); // which says nothing about the session
  expect(screen.queryByRole("link", { name: "Sign in again" })).toBeNull();
  vi.unstubAllGlobals();
});

it("needs a page that was filled in", () => {
  const page = (content: string) => new DOMParser().parseFromString(`<meta name="sd-session" content="${content}">`, "text/html");
  expect(() => readSession(page("{}"))).toThrow();
  expect(readSession(page("{&quot;csrf&quot;:&quot;a&quot;,&quot;account&quot;:&quot;b&quot;}"))).toEqual({ csrf: "a", account: "b" });
});

it("says of own staff that they sign in", async () => {
  const signsIn = { ...live, code: undefined, recipients: [{ ...live.recipients![0]!, signsIn: true }] };
  const backend = new Backend({ ...checked, "POST /transfers": [{ status: 202, body: signsIn }] });
  const user = open(backend);
  await user.type(await screen.findByLabelText("Add recipients", { selector: "textarea" }), "citizen@home.example");
  await user.click(screen.getByRole("button", { name: "Check and add" }));
  await screen.findByRole("button", { name: "Remove citizen@home.example" });
  await user.type(screen.getByLabelText(/^Subject/), "The plans");
  await user.click(screen.getByRole("button", { name: "Send Digitally" }));
  await screen.findByText(/The recipients read it after signing in/);
  expect(screen.queryByText("Access code to pass on")).toBeNull();
});

it("asks for files: who is asked gets a link, and what is written stays when one looks elsewhere", async () => {
  const backend = new Backend({ ...accepted, ...checked });
  const user = open(backend);
  await user.click(await screen.findByRole("link", { name: "Ask for files" }));
  expect(location.pathname).toBe("/request");
  const form = within(screen.getByRole("main").querySelector<HTMLElement>(":scope > div:not([hidden])")!);
  await user.type(form.getByLabelText("Add recipients", { selector: "textarea" }), "citizen@home.example");
  await user.click(form.getByRole("button", { name: "Check and add" }));
  await user.type(form.getByLabelText(/^Subject/), "Your papers");
  await user.selectOptions(form.getByLabelText("Ask for files"), "many");
  await accessible();
  await user.click(screen.getByRole("link", { name: "Send Digitally" }));
  await user.click(screen.getByRole("link", { name: "Ask for files" }));
  await user.click(form.getByRole("button", { name: "Send Digitally" }));
  await waitFor(() => expect(backend.posts()).toHaveLength(1));
  expect(body(backend).message).toEqual({ subject: "Your papers", text: "", recipients: [{ address: "citizen@home.example", field: "to" }] });
  expect(body(backend).options).toMatchObject({ request: "many" });
});
