// @vitest-environment node
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

const files = (folder: string): Record<string, Buffer> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length), readFileSync(path)]),
  );

it("the kept build is what the sources give", () => {
  const folder = mkdtempSync(join(tmpdir(), "addin-"));
  try {
    const vite = join(root, "node_modules/vite/bin/vite.js");
    const { NODE_ENV: _, ...env } = process.env; // the test runner's own would make a development build
    execFileSync(process.execPath, [vite, "build", "--outDir", folder, "--emptyOutDir", "--logLevel", "silent"], { cwd: root, env });
    const [fresh, kept] = [files(folder), files(join(root, "dist"))];
    expect(Object.keys(kept).sort(), "run npm run build").toEqual(Object.keys(fresh).sort());
    for (const [name, bytes] of Object.entries(fresh)) expect(kept[name]!.equals(bytes), `${name}: run npm run build`).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("the pane's script stays within 350 KB gzipped", () => {
  const scripts = Object.entries(files(join(root, "dist"))).filter(([name]) => name.endsWith(".js"));
  const total = scripts.reduce((sum, [, bytes]) => sum + gzipSync(bytes, { level: 9 }).length, 0);
  expect(total).toBeGreaterThan(10_000);
  expect(total).toBeLessThanOrEqual(350_000);
});
