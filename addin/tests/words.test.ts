import { describe, expect, it } from "vitest";
import { catalogue, languageOf } from "../src/words";
import { size } from "../src/words/format";

type Leaf = string | ((...args: never[]) => string);

/** Every sentence by its path; functions are called with marks that must come back. */
function sentences(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function") return [[path, said(value as Leaf & ((...args: unknown[]) => string), path)]];
  return Object.entries(value as object).flatMap(([name, inner]) => sentences(inner, path ? `${path}.${name}` : name));
}

function said(sentence: (...args: unknown[]) => string, path: string): string {
  const args = Array.from({ length: sentence.length }, (_, i) => 41 + i);
  const text = sentence(...args);
  for (const arg of args) expect(text, path).toContain(String(arg));
  return text;
}

// What is rightly the same as in English.
const shared = /^(fields\.|percent$|languages\.|tag$)/;

describe.each(Object.entries(catalogue))("the catalogue of %s", (language, words) => {
  const own = new Map(sentences(words));

  it("has every sentence, none of them empty", () => {
    expect([...own.keys()].sort()).toEqual([...new Map(sentences(catalogue.en)).keys()].sort());
    for (const [path, text] of own) expect(text.trim(), path).not.toBe("");
  });

  it("is translated", () => {
    if (language === "en") return;
    const english = new Map(sentences(catalogue.en));
    const same = [...own].filter(([path, text]) => !shared.test(path) && english.get(path) === text);
    expect(same).toEqual([]);
  });

  it("says one as one", () => {
    expect(words.fileCount(1, "x")).not.toBe(words.fileCount(2, "x").replace("2", "1"));
  });
});

describe("the language", () => {
  it.each([
    ["da-DK", "da"],
    ["nb-NO", "nb"],
    ["nn-NO", "nb"],
    ["no", "nb"],
    ["SV-se", "sv"],
    ["de_AT", "de"],
    ["fr-FR", "en"],
    ["constructor", "en"],
    ["", "en"],
  ])("for %s is %s", (display, language) => expect(languageOf(display)).toBe(language));
});

describe("a size", () => {
  it.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1000, "1 kB"],
    [999_949, "1,000 kB"],
    [3_112_000, "3.1 MB"],
    [2_000_000_000, "2 GB"],
    [5e12, "5,000 GB"],
  ])("of %d bytes is %s", (bytes, text) => expect(size(bytes, "en-GB")).toBe(text));
});
