import { useCallback, useState } from "react";
import type { Language } from "../api/types";
import { languageOf } from "../words";

/**
 * The reader's language, and a way to choose another one. The backend remembers
 * it when it is asked for the page in it; the one that a notice's link named
 * leaves the address, which would bring it back.
 */
export function useLanguage(first: string): [Language, (language: Language) => void] {
  const [language, setLanguage] = useState(() => languageOf(first));
  const choose = useCallback((next: Language) => {
    setLanguage(next);
    history.replaceState(history.state, "", location.pathname);
    void fetch(`${location.pathname}?lang=${next}`, { credentials: "same-origin" }).catch(() => undefined);
  }, []);
  return [language, choose];
}
