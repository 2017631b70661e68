import { fireEvent, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { obstacles } from "../src/send/check";
import { firstChoices } from "../src/send/choices";
import { en } from "../src/words/en";
import { Backend, settings } from "./backend";
import { message } from "./outlook";
import { accepted, accessible, body, open, sendButton } from "./pane";

const names = [`"><img src=x onerror=alert(1)>.pdf`, "\u202Efdp.exe", "👩‍👩‍👧 صورة.jpg", "{{.}} ${7*7}.txt", "a".repeat(255), "../../etc/passwd"];

/** A file that says it is so large. */
function sized(bytes: number): File {
  const file = new File([], "plan.bin");
  Object.defineProperty(file, "size", { value: bytes });
  return file;
}

const { maxFileBytes, maxTransferBytes } = settings.policy;
const many = (n: number) => Array.from({ length: n }, (_, i) => ({ name: "", address: `r${i}@home.example`, field: "to" as const }));
const inTheWay = (people: number, sizes: number[], wide = settings) =>
  obstacles({ subject: "s", people: many(people), files: [] }, { ...firstChoices(wide, {}), added: sizes.map((n, i) => ({ id: `u${i}`, file: sized(n) })) }, wide, new Map(), en);
const wide = { ...settings, policy: { ...settings.policy, maxRecipients: 500 } };

describe("bad input", () => {
  it("is shown as it is written, and makes nothing of itself", async () => {
    const backend = new Backend({ ...accepted });
    const { user } = open(backend, message({
      subject: "One\r\nBcc: x@y.example",
      to: [{ displayName: `<b>A</b> \u202Eevil`, emailAddress: "citizen@home.example" }],
      files: names.map((name, i) => ({ id: `a${i}`, name, size: i })),
    }));
    for (const name of names) expect(screen.queryAllByText((_, element) => element?.tagName === "BDI" && element.textContent === name).length || (await screen.findAllByText((_, e) => e?.tagName === "BDI" && e.textContent === name)).length).toBeGreaterThan(0);
    screen.getByText((_, element) => element?.tagName === "BDI" && element.textContent === `<b>A</b> \u202Eevil`);
    expect(document.querySelector("main img, main b")).toBeNull();
    await accessible();
    fireEvent.drop(screen.getByTestId("drop"), { dataTransfer: { files: [new File([], names[0]!)] } });
    await user.click(await sendButton());
    expect((await screen.findByRole("alert")).textContent).toContain("At most 3 files are allowed.");
    expect(backend.posts()).toHaveLength(0);
  });

  it("an empty file is sent like any other", async () => {
    const backend = new Backend({ ...accepted });
    const { user } = open(backend);
    fireEvent.drop(await screen.findByTestId("drop"), { dataTransfer: { files: [new File([], "empty.txt")] } });
    await screen.findByText(/^0 bytes/);
    await user.click(await sendButton());
    await screen.findByText("Sent encrypted");
    expect(body(backend).uploads).toEqual(["u1"]);
  });

  it("a byte too much is refused, the last that is allowed is not", () => {
    expect(inTheWay(1, [maxFileBytes])).toEqual([]);
    expect(inTheWay(1, [maxFileBytes + 1])).toHaveLength(1);
    expect(inTheWay(1, [maxFileBytes, maxTransferBytes - maxFileBytes])).toEqual([]);
    expect(inTheWay(1, [maxFileBytes, maxTransferBytes - maxFileBytes, 1])).toHaveLength(1);
  });

  it("500 recipients are allowed where the policy says so, and no more", () => {
    expect(inTheWay(500, [], wide)).toEqual([]);
    expect(inTheWay(501, [], wide)).toEqual(["At most 500 recipients are allowed."]);
  });
});
