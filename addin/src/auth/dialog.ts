import type { Session } from "./signIn";
import { SignInFault } from "./fault";

/** What the sign-in page tells the pane that opened it. */
export type Told = { token: string; account: string; expires: number } | { fault: "cancelled" | "failed" };

// A token is taken for a new one this long before it ends.
const marginMs = 120_000;

// Office's numbers: the person closed the window (dialog event), or did not want it (Microsoft Learn, "Handle errors
// and events in the Office dialog box").
const closed = 12006;
const unwanted = 12009;

/** True where Office can open a window. */
export const canOpenDialog = (): boolean => typeof Office.context.ui?.displayDialogAsync === "function";

/**
 * Signs in through a window of Office's, in which the page signin.html signs in with Entra by redirect: for an Outlook
 * without nested app authentication. Tokens are held in memory; where one has ended the window opens again, and
 * closes by itself while Entra still knows the person. Rejects with SignInFault.
 */
export async function signInByDialog(): Promise<Session> {
  let last = await ask();
  return {
    account: last.account,
    token: async (refresh) => {
      if (refresh || last.expires - marginMs < Date.now()) last = await ask();
      return last.token;
    },
  };
}

type Granted = Extract<Told, { token: string }>;

let open: Promise<Granted> | undefined;

/** One window at a time: Office has no second one. */
const ask = (): Promise<Granted> => (open ??= show().finally(() => (open = undefined)));

function show(): Promise<Granted> {
  const page = new URL("signin.html", location.href).href;
  return new Promise((resolve, reject) => {
    Office.context.ui.displayDialogAsync(page, { height: 60, width: 30 }, ({ status, value: dialog, error }) => {
      if (String(status) !== "succeeded") return reject(new SignInFault(error?.code === unwanted ? "cancelled" : "failed"));
      const end = (settle: () => void) => {
        dialog.close();
        settle();
      };
      dialog.addEventHandler(Office.EventType.DialogMessageReceived, (event) => {
        const told = "message" in event && event.origin === location.origin ? read(event.message) : ({ fault: "failed" } as const);
        end(() => ("token" in told ? resolve(told) : reject(new SignInFault(told.fault))));
      });
      dialog.addEventHandler(Office.EventType.DialogEventReceived, (event) =>
        reject(new SignInFault("error" in event && event.error === closed ? "cancelled" : "failed")),
      );
    });
  });
}

function read(message: string): Told {
  try {
    const told = JSON.parse(message) as Partial<Granted> & { fault?: "cancelled" };
    if (told.token && told.account && typeof told.expires === "number") return { token: told.token, account: told.account, expires: told.expires };
    if (told.fault === "cancelled") return { fault: told.fault };
  } catch {
    // not the page's words
  }
  return { fault: "failed" };
}
