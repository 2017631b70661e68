import type { Api } from "../api/client";
import { ApiFault } from "../api/fault";
import type { Attempt, Surroundings } from "./attempt";
import { fingerprint, forgetBegun, noteBegun, recallBegun } from "./begun";

/**
 * Sends the files that were added, each from where it stands, and answers the
 * ids under which the backend has them. What lies there from before and is not
 * wanted any more goes first, since it counts towards the limits.
 */
export async function uploadAll(attempt: Attempt, around: Surroundings): Promise<string[]> {
  const { added, uploads } = attempt;
  if (added.length === 0) return [];
  await recall(attempt);
  await discardOthers(attempt, around.api);
  const total = added.reduce((sum, { file }) => sum + file.size, 0);
  let before = 0;
  for (const [i, { file }] of added.entries()) {
    const start = before;
    const which = { name: file.name, n: i + 1, of: added.length };
    const tell = (sent: number, again: boolean) => around.told({ step: "uploading", done: start + sent, total, file: which, ...(again ? { again } : {}) });
    await uploadOne(attempt, file, tell, around);
    before += file.size;
  }
  around.signal.throwIfAborted();
  return added.map(({ file }) => idOf(uploads.get(file)!.at));
}

/** Goes on with what a pane that was closed has begun. */
async function recall({ key, added, uploads }: Attempt): Promise<void> {
  if (uploads.size > 0) return;
  for (const [file, at] of await recallBegun(key, added)) uploads.set(file, { at, whole: false });
}

async function uploadOne(attempt: Attempt, file: File, tell: (sent: number, again: boolean) => void, around: Surroundings): Promise<void> {
  const { key, uploads } = attempt;
  const begun = uploads.get(file);
  if (begun?.whole) return;
  const print = await fingerprint(key, file);
  around.signal.throwIfAborted();
  let sent = 0;
  tell(sent, false);
  try {
    await around.api.putFile(key, {
      file,
      at: begun?.at,
      began: (at) => {
        uploads.set(file, { at, whole: false });
        if (around.desk.survives) noteBegun(key, print, at);
      },
      sent: (bytes) => tell((sent = bytes), false),
      broke: () => tell(sent, true),
      signal: around.signal,
    });
    uploads.set(file, { at: uploads.get(file)!.at, whole: true });
  } catch (error) {
    if (!begun || !isGone(error)) throw error;
    uploads.delete(file); // the backend keeps what was begun for a day
    await uploadOne(attempt, file, tell, around);
  }
}

const isGone = (error: unknown): boolean => error instanceof ApiFault && error.problem.status === 404;

const idOf = (at: string): string => at.slice(at.lastIndexOf("/") + 1);

async function discardOthers({ key, added, uploads }: Attempt, api: Api): Promise<void> {
  const wanted = added.flatMap(({ file }) => uploads.get(file)?.at ?? []).map(idOf);
  const others = (await api.uploads(key)).filter((id) => !wanted.includes(id));
  await Promise.all(others.map((id) => api.deleteFile(key, id)));
}

/** Takes back what was uploaded before a cancel; the backend sweeps what this misses. */
export async function discardUploads({ key, uploads }: Attempt, api: Api): Promise<void> {
  const begun = [...uploads.values()];
  uploads.clear();
  forgetBegun(key);
  await Promise.allSettled(begun.map(({ at }) => api.deleteFile(key, idOf(at))));
}
