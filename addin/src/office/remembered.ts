import { attempt } from "./call";
import type { Options } from "../api/types";

/** The choices that follow the caseworker from message to message (32 KB for all). */
export type Remembered = Pick<
  Options,
  "replyMailbox" | "replyTopic" | "notifyOnOpen" | "notifyOnDownload" | "confirmUpload" | "showFileNames"
>;

const slot = "sd.options";

export function recall(): Remembered {
  try {
    const value: unknown = Office.context.roamingSettings.get(slot);
    return typeof value === "object" && value !== null ? (value as Remembered) : {};
  } catch {
    return {};
  }
}

/** Keeps the choices; a failure costs the convenience and nothing else. */
export async function remember(options: Options): Promise<void> {
  const { replyMailbox, replyTopic, notifyOnOpen, notifyOnDownload, confirmUpload, showFileNames } = options;
  const kept = { replyMailbox, replyTopic, notifyOnOpen, notifyOnDownload, confirmUpload, showFileNames };
  await attempt<void>((done) => {
    Office.context.roamingSettings.set(slot, kept);
    Office.context.roamingSettings.saveAsync(done);
  });
}
