// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv-draft-04";
import { describe, expect, it } from "vitest";

// The unified manifest that package manifest makes, against Microsoft's own schemas.
const folder = join(import.meta.dirname, "../../manifest/testdata/unified");
const read = (path: string): Record<string, unknown> => JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
const manifest = read(join(folder, "manifest.json"));
const schemas = join(import.meta.dirname, `../node_modules/@microsoft/app-manifest/build/json-schemas/teams/v${String(manifest.manifestVersion)}`);
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, unicodeRegExp: false });
const validManifest = ajv.compile(read(join(schemas, "MicrosoftTeams.schema.json")));
const validTexts = ajv.compile(read(join(schemas, "MicrosoftTeams.Localization.schema.json")));

describe("the unified manifest", () => {
  it("keeps Microsoft's schema", () => expect([validManifest(manifest), validManifest.errors]).toEqual([true, null]));

  it("would not be taken with a wrong part", () => {
    expect(validManifest({ ...manifest, name: {} })).toBe(false);
    const shouting = JSON.parse(JSON.stringify(manifest).replace('"sendMode":"block"', '"sendMode":"shout"')) as object;
    expect(validManifest(shouting)).toBe(false);
  });

  const languages = readdirSync(folder).filter((name) => name !== "manifest.json");
  it("has five more languages", () => expect(languages).toHaveLength(5));
  it.each(languages)("keeps it in %s", (name) => {
    const texts = read(join(folder, name));
    expect([validTexts(texts), validTexts.errors]).toEqual([true, null]);
    for (const path of Object.keys(texts)) if (path !== "$schema") expect(at(manifest, path), path).toEqual(expect.any(String));
  });
});

/** The value at a path such as "extensions[0].ribbons[1].tabs[0].groups[0].label". */
function at(value: unknown, path: string): unknown {
  return path.split(/[.[\]]+/).filter(Boolean).reduce<unknown>((inner, step) => (inner as Record<string, unknown> | undefined)?.[step], value);
}
