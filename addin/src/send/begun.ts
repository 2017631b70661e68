import type { AddedFile } from "./choices";
import { quietly } from "./kept";

/**
 * Where uploads were begun, kept on this machine so that a pane that was closed
 * goes on when the same file is chosen again (tus-js-client's own store would
 * write file names down). A file is known by a hash that holds under this key
 * alone; an address is of no use without the caller's token. It is forgotten
 * once the files were handed over or taken back, and after a day in any case,
 * which is as long as the backend keeps them.
 */
interface Begun {
  since: number;
  at: Record<string, string>;
}

const prefix = "sd.uploads.";
const dayMs = 86_400_000;

/** Notes where the file with this fingerprint was begun. */
export function noteBegun(key: string, print: string, at: string): void {
  quietly(() => {
    const before = read(key) ?? { since: Date.now(), at: {} };
    localStorage.setItem(prefix + key, JSON.stringify({ ...before, at: { ...before.at, [print]: at } } satisfies Begun));
  });
}

/** Where these files were begun by an earlier pane. */
export async function recallBegun(key: string, added: AddedFile[]): Promise<Map<File, string>> {
  quietly(forgetOld);
  const at = quietly(() => read(key))?.at ?? {};
  const found = new Map<File, string>();
  if (Object.keys(at).length === 0) return found;
  for (const { file } of added) {
    const one = at[await fingerprint(key, file)];
    if (one) found.set(file, one);
  }
  return found;
}

/** True when an earlier pane was closed while files were on their way. */
export function hasBegun(key: string): boolean {
  quietly(forgetOld);
  return quietly(() => read(key)) !== undefined;
}

export const forgetBegun = (key: string): void => void quietly(() => localStorage.removeItem(prefix + key));

function read(key: string): Begun | undefined {
  const text = localStorage.getItem(prefix + key);
  return text ? (JSON.parse(text) as Begun) : undefined;
}

function forgetOld(): void {
  for (const name of Object.keys(localStorage).filter((one) => one.startsWith(prefix))) {
    const since = read(name.slice(prefix.length))?.since ?? 0;
    if (since < Date.now() - dayMs) localStorage.removeItem(name);
  }
}

/** What a file is known by, under this key. */
export async function fingerprint(key: string, { name, type, size, lastModified }: File): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify([key, name, type, size, lastModified]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
