import type { LeftOut } from "../api/types";
import type { DraftFile } from "../office/draft";

/** What was crossed out cannot be told among the attachments any more. */
export class FilesChanged extends Error {}

/** The attachments with these ids. Since Outlook may change an id, each is also the nth of its name, the smallest first. */
export const leftOutOf = (files: DraftFile[], ids: string[]): LeftOut[] =>
  files.filter(({ id }) => ids.includes(id)).map((file) => {
    const same = named(file.name, files);
    return { id: file.id, name: file.name, nth: same.indexOf(file) + 1, of: same.length };
  });

/** The ids that these attachments have now. Throws FilesChanged where one is not found exactly once. */
export function idsNow(files: DraftFile[], leftOut: LeftOut[]): string[] {
  const ids = leftOut.map((one) => {
    const same = named(one.name, files);
    return files.find(({ id }) => id === one.id)?.id ?? (same.length === one.of ? same[one.nth - 1]?.id : undefined);
  });
  const found = new Set(ids.filter((id) => id !== undefined));
  if (found.size < leftOut.length) throw new FilesChanged();
  return [...found];
}

const named = (name: string, files: DraftFile[]): DraftFile[] =>
  files.filter((file) => file.name === name).sort((a, b) => a.size - b.size);
