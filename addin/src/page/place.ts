import { useCallback, useEffect, useState } from "react";

export type Tab = "send" | "request" | "sent" | "received";

/** Where the page stands: a tab, and the message that is open in it. */
export interface Place {
  tab: Tab;
  message?: string;
}

const received = /^\/received\/([0-9a-v]{34})$/;

export function placeOf(path: string): Place {
  const message = received.exec(path)?.[1];
  if (message) return { tab: "received", message };
  if (path.startsWith("/received")) return { tab: "received" };
  const tab = path.slice(1);
  return { tab: tab === "request" || tab === "sent" ? tab : "send" };
}

export const pathOf = ({ tab, message }: Place): string => (message ? `/received/${message}` : `/${tab}`);

/** The place that the address names, and a way to another one that the browser's Back knows. */
export function usePlace(): [Place, (place: Place) => void] {
  const [place, setPlace] = useState(() => placeOf(location.pathname));
  useEffect(() => {
    const back = () => setPlace(placeOf(location.pathname));
    window.addEventListener("popstate", back);
    return () => window.removeEventListener("popstate", back);
  }, []);
  const go = useCallback((next: Place) => {
    history.pushState(null, "", pathOf(next));
    setPlace(next);
  }, []);
  return [place, go];
}
