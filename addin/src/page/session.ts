import type { TokenSource } from "../api/client";
import { LostConnection } from "../api/fault";
import { SignInFault } from "../auth/fault";

/** What the backend writes into the page: the session's token, and whose session it is. */
export interface Session {
  csrf: string;
  account: string;
  /** That she reads. */
  language?: string;
}

/** Reads the session from the page. Throws when the page was not filled in. */
export function readSession(page: Document): Session {
  const text = page.querySelector('meta[name="sd-session"]')?.getAttribute("content") ?? "";
  const { csrf, account, language } = JSON.parse(text) as Partial<Session>;
  if (!csrf) throw new Error("the page carries no session");
  return { csrf, account: account ?? "", ...(language ? { language } : {}) };
}

/** The session that the page acts in. */
export interface Signed {
  token: TokenSource;
  /** Its token now, for a form. */
  csrf: () => string;
}

/**
 * Keeps to the session's token. After a refusal it asks which session the
 * browser has now, since staff may have signed in again in another window;
 * another person's session begins the page anew, and nothing that was written
 * here is sent in it.
 */
export function signed(first: Session, told: (ended: boolean) => void, anew: () => void = () => location.reload()): Signed {
  let current = first;
  const renew = async () => {
    const now = await ask();
    const mine = now?.account === first.account ? now : undefined;
    told(!mine);
    if (now && !mine) anew();
    if (!mine) throw new SignInFault("ended");
    current = mine;
  };
  return {
    token: async (refresh) => {
      if (refresh) await renew();
      return current.csrf;
    },
    csrf: () => current.csrf,
  };
}

/** The browser's session; absent when nobody is signed in. */
async function ask(): Promise<Session | undefined> {
  const answer = await fetch("/signin/session", { credentials: "same-origin", cache: "no-store" }).catch(() => undefined);
  if (!answer || answer.status >= 500) throw new LostConnection();
  return answer.ok ? ((await answer.json()) as Session) : undefined;
}
