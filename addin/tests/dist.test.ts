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
    const quiet = ["--outDir", folder, "--logLevel", "silent"];
    execFileSync(process.execPath, [vite, "build", "--emptyOutDir", ...quiet], { cwd: root, env });
    execFileSync(process.execPath, [vite, "build", "--config", "vite.event.config.ts", ...quiet], { cwd: root, env });
    const [fresh, kept] = [files(folder), files(join(root, "dist"))];
    expect(Object.keys(kept).sort(), "run npm run build").toEqual(Object.keys(fresh).sort());
    for (const [name, bytes] of Object.entries(fresh)) expect(kept[name]!.equals(bytes), `${name}: run npm run build`).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("the pane's script stays within 350 KB gzipped", () => {
  const scripts = Object.entries(files(join(root, "dist"))).filter(([name]) => name.startsWith("/assets/") && name.endsWith(".js"));
  const total = scripts.reduce((sum, [, bytes]) => sum + gzipSync(bytes, { level: 9 }).length, 0);
  expect(total).toBeGreaterThan(10_000);
  expect(total).toBeLessThanOrEqual(350_000);
});

it("the event's script stays within 30 KB gzipped", () => {
  const script = gzipSync(readFileSync(join(root, "dist/onsend.js")), { level: 9 });
  expect(script.length).toBeGreaterThan(1000);
  expect(script.length).toBeLessThanOrEqual(30_000);
});
