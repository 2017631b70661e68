/** True when this Outlook has a requirement set; false too when it cannot tell. */
export function supports(set: string, version: string): boolean {
  try {
    return Office.context.requirements.isSetSupported(set, version) === true;
  } catch {
    return false;
  }
}

/** Outlook's language, such as "da-DK". */
export const displayLanguage = (): string => Office.context.displayLanguage || "en";

/** The address of the mailbox that Outlook has open. */
export const mailboxAddress = (): string => Office.context.mailbox.userProfile.emailAddress;

export type Surface = "compose" | "read" | "none";

/** Which kind of item the pane stands beside. Only an item being written can be saved. */
export function surface(): Surface {
  const item = Office.context.mailbox.item as { saveAsync?: unknown } | null | undefined;
  if (!item) return "none";
  return typeof item.saveAsync === "function" ? "compose" : "read";
}
