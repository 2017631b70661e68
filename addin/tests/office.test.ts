import { afterEach, describe, expect, it, vi } from "vitest";
import { readConfig, styleNonce } from "../src/config";
import { attempt, call, OutlookFault } from "../src/office/call";
import { closeDraft, readContent, readDraft } from "../src/office/draft";
import { surface } from "../src/office/host";
import { readMarks, writeMarks } from "../src/office/marks";
import { recall } from "../src/office/remembered";
import { isDark, lightness } from "../src/office/theme";
import { message, openOutlook } from "./outlook";

afterEach(() => vi.useRealTimers());

describe("a call to Outlook", () => {
  it("that never answers ends at its limit", async () => {
    vi.useFakeTimers();
    const outcome = call(() => {}, 5000).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await outcome).toMatchObject({ kind: "timeout" });
  });

  it("of a function that Outlook lacks is a fault, or nothing where that is enough", async () => {
    const lacking = (undefined as unknown as { saveAsync: () => void } | undefined)!;
    await expect(call(() => lacking.saveAsync())).rejects.toThrow(OutlookFault);
    await expect(attempt(() => lacking.saveAsync())).resolves.toBeUndefined();
  });
});

describe("marks", () => {
  it("stay on the draft and leave each other alone", async () => {
    const held = message();
    openOutlook(held);
    await writeMarks({ key: "k", nonce: "n1" });
    await writeMarks({ transfer: "t", nonce: "n2" });
    expect(await readMarks()).toEqual({ key: "k", transfer: "t", nonce: "n2" });
    expect(held.marks).toEqual({ "sd.key": "k", "sd.transfer": "t", "sd.nonce": "n2" });
  });

  it("fit into the 2,500 characters of custom properties", async () => {
    const held = message();
    openOutlook(held);
    await writeMarks({ key: crypto.randomUUID(), transfer: "0".repeat(34), nonce: crypto.randomUUID() });
    expect(JSON.stringify(held.marks).length).toBeLessThan(2500);
  });
});

it("the draft is read with its fields and kinds of files", async () => {
  const files = [
    { id: "1", name: "a.png", size: 1, isInline: true },
    { id: "2", name: "b", size: 2, attachmentType: "cloud" },
  ];
  openOutlook(message({ files, bcc: [{ displayName: "", emailAddress: " secret@home.example " }] }));
  const draft = await readDraft();
  expect(draft.people.map(({ address, field }) => [address, field])).toEqual([["citizen@home.example", "to"], ["secret@home.example", "bcc"]]);
  expect(draft.files.map(({ inline, cloud }) => [Boolean(inline), cloud])).toEqual([[true, false], [false, true]]);
});

it("the surface is told from the item", () => {
  openOutlook(message());
  expect(surface()).toBe("compose");
  openOutlook(message(), { surface: "read" });
  expect(surface()).toBe("read");
});

it("closing is left to the person where Outlook lacks it", async () => {
  const held = message();
  openOutlook(held, { sets: [] });
  expect(await closeDraft(true)).toBe(false);
  openOutlook(held);
  expect(await closeDraft(true)).toBe(true);
  expect(held.closed).toBe(true);
});

it("choices kept in an unknown form are forgotten", () => {
  openOutlook(message({ roaming: { "sd.options": "text" } }));
  expect(recall()).toEqual({});
});

describe("the theme", () => {
  it.each([["#000000", 0], ["ffffff", 1], ["#1F1F1F", 31 / 255]])("of %s has a lightness", (colour, light) => {
    expect(lightness(colour)).toBeCloseTo(light);
  });
  it("is unknown for other words", () => expect(lightness("white")).toBeUndefined());
  it("follows Outlook's background", () => {
    openOutlook(message(), { background: "#292929" });
    expect(isDark()).toBe(true);
    openOutlook(message(), { background: "#f3f2f1" });
    expect(isDark()).toBe(false);
  });
});

describe("the page", () => {
  const page = (content: string) => new DOMParser().parseFromString(`<meta name="sd-config" content="${content}"><style></style>`, "text/html");
  it("gives its configuration", () => {
    const text = "{&quot;clientId&quot;:&quot;c&quot;,&quot;authority&quot;:&quot;a&quot;,&quot;api&quot;:&quot;&quot;,&quot;scope&quot;:&quot;s&quot;}";
    expect(readConfig(page(text))).toEqual({ clientId: "c", authority: "a", api: "", scope: "s" });
    expect(styleNonce(page(text))).toBeUndefined();
  });
  it("that was not filled in is an error", () => {
    expect(() => readConfig(page("%%CONFIG%%"))).toThrow();
    expect(() => readConfig(page("{}"))).toThrow();
  });
});

it("an attached event is named as the calendar file that it is", async () => {
  openOutlook(message({ contents: { e: { content: "BEGIN:VCALENDAR", format: "iCalendar" } } }));
  const event = { id: "e", name: "Meeting", size: 1, type: "", inline: false, cloud: false };
  expect(await readContent(event)).toMatchObject({ name: "Meeting.ics", type: "text/calendar" });
});
