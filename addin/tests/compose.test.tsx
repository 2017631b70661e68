import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { CheckedRecipient, PreviewRequest } from "../src/api/types";
import { Backend, problem, settings, type Call } from "./backend";
import { message } from "./outlook";
import { accepted, accessible, body, open, sendButton } from "./pane";

const known: Record<string, Partial<CheckedRecipient>> = {
  "citizen@home.example": { marks: ["outside"] },
  "citizn@home.example": { marks: ["outside", "new", "lookalike"], like: "citizen@home.example" },
  nonsense: { marks: ["invalid"] },
};
const check = (call: Call) => {
  const { recipients } = JSON.parse(call.body) as { recipients: string[] };
  const all = recipients.flatMap((list) => list.split(";").map((one) => one.trim()));
  return { status: 200, body: { recipients: all.map((address) => ({ address, marks: ["outside", "new"], ...known[address] })) } };
};
const checking = (more: ConstructorParameters<typeof Backend>[0] = {}) => new Backend({ "POST /recipients/check": [check], ...more });

describe("the recipients", () => {
  it("are marked with what the backend knows of them", async () => {
    open(checking(), message({ to: ["citizen@home.example", "citizn@home.example"].map((emailAddress) => ({ displayName: "", emailAddress })) }));
    await screen.findByText("Looks like citizen@home.example. Is it the right one?");
    screen.getByText("Outside the organisation · You have not written here before");
    screen.getByText("Outside the organisation");
    await accessible();
  });

  it("are asked about once for each list, and again when it changes", async () => {
    const backend = checking();
    const { held } = open(backend);
    await screen.findByText("Outside the organisation");
    held.cc = [{ displayName: "", emailAddress: "third@home.example" }];
    window.dispatchEvent(new Event("focus"));
    await screen.findByText(/You have not written here before/);
    expect(backend.calls.filter(({ path }) => path === "/recipients/check")).toHaveLength(2);
  });

  it("can be sent to although the check fails", async () => {
    const backend = checking({ ...accepted, "POST /recipients/check": [problem(500, "internal", "no")] });
    const { user } = open(backend);
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
  });

  it("come from a pasted list into the message; what is no address stays to be mended", async () => {
    const { user, held } = open(checking(), message({ cc: [{ displayName: "", emailAddress: "there@home.example" }] }));
    await user.click(await screen.findByRole("button", { name: "Add recipients" }));
    await accessible();
    await user.type(screen.getByRole("textbox", { name: "Add recipients" }), "new@home.example; nonsense; THERE@home.example");
    await user.selectOptions(screen.getByRole("combobox", { name: "Field" }), "bcc");
    await user.click(screen.getByRole("button", { name: "Check and add" }));
    await screen.findByText("Not added, because they are no e-mail addresses: nonsense");
    expect(held.bcc.map(({ emailAddress }) => emailAddress)).toEqual(["new@home.example"]);
    expect((screen.getByRole("textbox", { name: "Add recipients" }) as HTMLTextAreaElement).value).toBe("nonsense");
    await screen.findByText("new@home.example");
  });
});

describe("the notification", () => {
  const preview = (call: Call) => {
    const asked = JSON.parse(call.body) as PreviewRequest;
    return { status: 200, body: { from: "The Municipality", subject: asked.notifySubject ?? "A secure message", text: `In ${asked.language}: ${asked.notifyText ?? "-"} ${(asked.files ?? []).join()}`, html: "" } };
  };

  it("is previewed as it will read, in the recipients' language, and goes along with what is sent", async () => {
    const backend = checking({ ...accepted, "POST /preview": [preview] });
    const { user } = open(backend);
    await user.click(await screen.findByRole("button", { name: "The recipients' notification" }));
    await screen.findByText("A secure message");
    screen.getByText(/This mail travels in the clear/);
    await user.type(screen.getByRole("textbox", { name: /Subject of the notification/ }), "  About your case ");
    await user.type(screen.getByRole("textbox", { name: /Your words/ }), "Call me <b>");
    await screen.findByText("About your case");
    await screen.findByText(/In da: Call me <b>/);
    await accessible();
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(body(backend).options).toMatchObject({ notifySubject: "About your case", notifyText: "Call me <b>" });
  });

  it("is asked for only when somebody looks", async () => {
    const backend = checking({ "POST /preview": [preview] });
    open(backend);
    await screen.findByText("Outside the organisation");
    expect(backend.calls.some(({ path }) => path === "/preview")).toBe(false);
  });

  it("names the files only where the sender shows them", async () => {
    const backend = checking({ "POST /preview": [preview] });
    const { user } = open(backend);
    await user.click(await screen.findByRole("button", { name: "The recipients' notification" }));
    await screen.findByText("A secure message");
    await user.click(screen.getByRole("button", { name: "More options" }));
    await user.click(screen.getByRole("checkbox", { name: "Show file names in the recipients' mail" }));
    await screen.findByText(/decision.pdf$/, { selector: "div" });
    const asked = backend.calls.filter(({ path }) => path === "/preview").map((call) => JSON.parse(call.body) as PreviewRequest);
    await waitFor(() => expect(asked[0]).not.toHaveProperty("files"));
  });
});

it("codes by text message need everybody's number, which goes along", async () => {
  const sms = { ...settings, policy: { ...settings.policy, codes: ["generated", "sms", "mail"], phoneCountry: "+45" } };
  const backend = new Backend({ ...accepted, "GET /settings": [{ status: 200, body: sms }] });
  const { user } = open(backend);
  await user.click(await screen.findByRole("radio", { name: "One-time code by SMS" }));
  await user.click(await sendButton());
  expect((await screen.findByRole("alert")).textContent).toContain("Enter the mobile number of A citizen.");
  await accessible();
  await user.type(screen.getByRole("textbox", { name: /Mobile number of A citizen/ }), "20 12 34 56");
  await user.click(await sendButton());
  await screen.findByText("Sent encrypted");
  expect(body(backend)).toMatchObject({ phones: [{ address: "citizen@home.example", phone: "20 12 34 56" }], options: { code: "sms" } });
});

it("own staff who sign in need no number", async () => {
  const sms = { ...settings, policy: { ...settings.policy, codes: ["sms"], phoneCountry: "+45" } };
  const known = [{ address: "citizen@home.example", marks: ["outside"] }, { address: "colleague@municipality.example", marks: ["own", "signs_in"] }];
  const backend = new Backend({ ...accepted, "GET /settings": [{ status: 200, body: { ...sms, defaults: { ...sms.defaults, code: "sms" } } }],
    "POST /recipients/check": [{ status: 200, body: { recipients: known } }] });
  const cc = [{ displayName: "A colleague", emailAddress: "colleague@municipality.example" }];
  const { user } = open(backend, message({ cc }));
  await screen.findByText(/Reads after signing in/);
  expect(screen.queryByRole("textbox", { name: /Mobile number of A colleague/ })).toBeNull();
  await user.type(screen.getByRole("textbox", { name: /Mobile number of A citizen/ }), "20 12 34 56");
  await user.click(await sendButton());
  await screen.findByText("Sent encrypted");
  expect(body(backend).phones).toHaveLength(1);
});

it("own staff who are asked for something have a link, and need a number for its code", async () => {
  const policy = { ...settings.policy, codes: ["sms"], phoneCountry: "+45" };
  const backend = new Backend({ "GET /settings": [{ status: 200, body: { ...settings, policy, defaults: { ...settings.defaults, code: "sms" } } }],
    "POST /recipients/check": [{ status: 200, body: { recipients: [{ address: "citizen@home.example", marks: ["own", "signs_in"] }] } }] });
  const { user } = open(backend);
  await screen.findByText(/Reads after signing in/);
  const number = () => screen.queryByRole("textbox", { name: /Mobile number of A citizen/ });
  expect(number()).toBeNull();
  await user.click(screen.getByRole("button", { name: "More options" }));
  await user.selectOptions(await screen.findByLabelText("Ask for files"), "once");
  expect(number()).not.toBeNull();
  expect(screen.queryByText(/Reads after signing in/)).toBeNull();
});

it("shows who is behind the address of a delivered reply", async () => {
  const address = "intake+0123-staff-ab@municipality.example";
  const replier = { name: "The citizen", address: "citizen@home.example" };
  const backend = new Backend({ "POST /recipients/check": [{ status: 200, body: { recipients: [{ address, marks: ["outside"], replier }] } }] });
  open(backend, message({ to: [{ displayName: "Municipality", emailAddress: address }] }));
  await screen.findByText("The citizen");
  screen.getByText("citizen@home.example");
  expect(screen.queryByText("Own organisation")).toBeNull();
  await accessible();
});

it("a code by mail says why it is no second way", async () => {
  const mail = { ...settings, policy: { ...settings.policy, codes: ["generated", "mail"] } };
  const { user } = open(new Backend({ ...accepted, "GET /settings": [{ status: 200, body: mail }] }));
  await user.click(await screen.findByRole("radio", { name: "One-time code by e-mail" }));
  await screen.findByText(/Whoever can read that mailbox can read the message/);
});
