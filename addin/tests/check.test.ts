import { describe, expect, it } from "vitest";
import type { Draft, Person } from "../src/office/draft";
import { checkPeople, obstacles } from "../src/send/check";
import { firstChoices, nextFileId, optionsOf } from "../src/send/choices";
import { entriesOf, matching } from "../src/send/ReplyPicker";
import { wordsFor } from "../src/words";
import { settings } from "./backend";

const to = (address: string): Person => ({ name: "", address, field: "to" });
const words = wordsFor("en");
const draft = (part: Partial<Draft> = {}): Draft => ({ subject: "", people: [to("citizen@home.example")], files: [], ...part });
const file = (size: number, name = "a.pdf") => ({ id: name, name, size, type: "", inline: false, cloud: false });
const big = (size: number) => ({ id: "u1", file: { name: "big.zip", size } as File });

describe("a recipient", () => {
  it.each([
    ["citizen@home.example", "fine"],
    ["Colleague@Municipality.Example", "own"],
    ["citizen@home", "invalid"],
    ["citizen@home.example;other@home.example", "invalid"],
    ["<citizen@home.example>", "invalid"],
    ["a b@home.example", "invalid"],
    ["@home.example", "invalid"],
    ["citizen@.example", "invalid"],
    ["", "invalid"],
    [`${"a".repeat(320)}@home.example`, "invalid"],
  ])("%s is %s", (address, mark) => expect(checkPeople([to(address)], settings)[0]?.mark).toBe(mark));

  it("is recognised the second time, whatever its case", () => {
    const marks = checkPeople([to("a@b.example"), to("A@B.example")], settings).map(({ mark }) => mark);
    expect(marks).toEqual(["fine", "twice"]);
  });
});

describe("what is in the way of sending", () => {
  const choices = firstChoices(settings, {});
  const why = (d: Draft, c = choices) => obstacles(d, c, settings, new Map(), words);

  it("is nothing for an ordinary message", () => expect(why(draft())).toEqual([]));
  it("is an empty list of recipients", () => expect(why(draft({ people: [] }))).toEqual([words.noRecipients]));
  it("is a wrong address", () => expect(why(draft({ people: [to("x")] }))).toEqual([`x: ${words.notAnAddress}`]));
  it("counts a doubled recipient once", () => {
    const people = [to("a@b.example"), to("c@d.example"), to("A@b.example")];
    expect(why(draft({ people }))).toEqual([]);
    expect(why(draft({ people: [...people, to("e@f.example")] }))).toEqual([words.tooManyRecipients(2)]);
  });
  it("is a file over the limit, and one byte less is not", () => {
    expect(why(draft(), { ...choices, added: [big(1_000_000_000)] })).toEqual([]);
    expect(why(draft(), { ...choices, added: [big(1_000_000_001)] })).toEqual([`big.zip: ${words.fileTooLarge("1 GB")}`]);
  });
  it("is too much together, but what is left out does not count", () => {
    const files = [file(999_999_999, "a"), file(999_999_999, "b"), file(3, "c")];
    expect(why(draft({ files }))).toEqual([words.transferTooLarge("2 GB")]);
    expect(why(draft({ files }), { ...choices, leftOut: ["c"] })).toEqual([]);
  });
  it("is a link to a file in the cloud, until it is left out", () => {
    const files = [{ ...file(5, "plan.docx"), cloud: true }];
    expect(why(draft({ files }))).toEqual([`plan.docx: ${words.copyInstead}`]);
    expect(why(draft({ files }), { ...choices, leftOut: ["plan.docx"] })).toEqual([]);
  });
  it("is too many files", () => {
    const files = ["a", "b", "c", "d"].map((name) => file(0, name));
    expect(why(draft({ files }))).toEqual([words.tooManyFiles(3)]);
  });
  it.each([0, 31, 1.5, NaN])("is an expiry of %d days", (expiryDays) => {
    expect(why(draft(), { ...choices, expiryDays })).toEqual([words.expiryLimit(30)]);
  });
  it("is a password that is too short, counted in characters", () => {
    const password = "🐎🐎🐎🐎🐎🐎🐎";
    expect(why(draft(), { ...choices, code: "password", password })).toHaveLength(1);
    expect(why(draft(), { ...choices, code: "password", password: password + "🐎" })).toEqual([]);
  });
});

describe("the first choices", () => {
  it("are the organisation's", () => {
    const choices = firstChoices({ ...settings, defaults: { ...settings.defaults, replyMailbox: "school" } }, {});
    expect(choices).toMatchObject({ code: "generated", expiryDays: 7, language: "da", reply: { mailbox: "school" } });
  });
  it("are the remembered ones where they still exist", () => {
    expect(firstChoices(settings, { replyMailbox: "building", replyTopic: "permits", notifyOnOpen: true })).toMatchObject({
      reply: { mailbox: "building", topic: "permits" },
      toggles: { notifyOnOpen: true, notifyOnDownload: false },
    });
    expect(firstChoices(settings, { replyMailbox: "building", replyTopic: "gone" }).reply).toEqual({ mailbox: "building" });
    expect(firstChoices(settings, { replyMailbox: "gone" }).reply).toBeUndefined();
  });
  it("stay within the policy", () => {
    const strict = { ...settings, policy: { ...settings.policy, maxExpiryDays: 3, codes: ["password" as const] } };
    expect(firstChoices(strict, {})).toMatchObject({ expiryDays: 3, code: "password" });
  });
});

it("a password that is not used is not sent", () => {
  const choices = { ...firstChoices(settings, {}), password: "left behind" };
  expect(optionsOf(choices)).not.toHaveProperty("password");
  expect(optionsOf({ ...choices, code: "password" })).toHaveProperty("password", "left behind");
});

it("an added file gets a name that no other has", () => {
  const f = {} as File;
  expect(nextFileId([])).toBe("u1");
  expect(nextFileId([{ id: "u2", file: f }, { id: "u10", file: f }])).toBe("u11");
});

it("a reply mailbox is found by its own words and by its topics'", () => {
  const all = entriesOf(settings.mailboxes);
  const found = (query: string) => matching(all, query).map(({ text }) => text);
  expect(found("perm build")).toEqual(["Building › Permits"]);
  expect(found("SCHOOL")).toEqual(["School"]);
  expect(found("")).toHaveLength(3);
  expect(found("nothing")).toEqual([]);
});
