import { FluentProvider, MessageBar, MessageBarActions, MessageBarBody, Link, Spinner, webDarkTheme, webLightTheme, Button } from "@fluentui/react-components";
import { useCallback, useEffect, useState } from "react";
import type { Api } from "../api/client";
import type { Settings } from "../api/types";
import { failureOf, type Failure } from "../send/failure";
import { useWords, WordsProvider } from "../shell/context";
import { useStyles } from "../shell/styles";
import { wordsFor } from "../words";
import type { Language } from "../api/types";
import { Head } from "./Head";
import { usePlace } from "./place";
import { usePageStyles } from "./styles";
import { Tabs } from "./Tabs";

interface Props {
  api: Api;
  account: string;
  language: Language;
  onLanguage: (language: Language) => void;
  csrf: () => string;
  /** Calls back with whether the session has ended, now and whenever that changes. */
  onSession: (told: (ended: boolean) => void) => void;
  /** Asks which session the browser has now. */
  renew: () => Promise<unknown>;
}

/** The page: the reader's language and theme around what she may do. */
export function App(props: Props) {
  const words = wordsFor(props.language);
  const dark = useDark();
  useEffect(() => {
    document.documentElement.lang = words.tag;
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }, [words, dark]);
  return (
    <FluentProvider theme={dark ? webDarkTheme : webLightTheme}>
      <WordsProvider value={words}>
        <Content {...props} />
      </WordsProvider>
    </FluentProvider>
  );
}

const wish = "(prefers-color-scheme: dark)";

function useDark(): boolean {
  const [dark, setDark] = useState(() => window.matchMedia?.(wish).matches ?? false);
  useEffect(() => {
    const query = window.matchMedia?.(wish);
    const change = () => setDark(query!.matches);
    query?.addEventListener("change", change);
    return () => query?.removeEventListener("change", change);
  }, []);
  return dark;
}

function Content({ api, account, language, onLanguage, csrf, onSession, renew }: Props) {
  const styles = usePageStyles();
  const [ended, setEnded] = useState(false);
  const [settings, failure, again] = useSettings(api, ended);
  const [place, go] = usePlace();
  useEffect(() => onSession(setEnded), [onSession]);
  useFocus(renew);
  return (
    <div className={styles.page}>
      <Head account={account} settings={settings} language={language} onLanguage={onLanguage} csrf={csrf} />
      {ended && <SignInAgain />}
      {settings && <Tabs api={api} settings={settings} place={place} go={go} />}
      {!settings && <main className={styles.column}>{failure ? <NoStart failure={failure} onAgain={again} /> : <Waiting />}</main>}
    </div>
  );
}

/** Who comes back from another window may have signed in there anew, or somebody else has. */
function useFocus(renew: () => Promise<unknown>): void {
  useEffect(() => {
    const look = () => void renew().catch(() => undefined);
    window.addEventListener("focus", look);
    return () => window.removeEventListener("focus", look);
  }, [renew]);
}

/** What holds for the caller, asked for again when she has signed in again. */
function useSettings(api: Api, ended: boolean): [Settings | undefined, Failure | undefined, () => void] {
  const words = useWords();
  const [settings, setSettings] = useState<Settings>();
  const [failure, setFailure] = useState<Failure>();
  const load = useCallback(() => {
    setFailure(undefined);
    api.settings().then(
      (found) => setSettings((before) => before ?? found),
      (error: unknown) => setFailure(failureOf(error, words)),
    );
  }, [api, words]);
  useEffect(() => {
    if (!ended) load();
  }, [load, ended]);
  return [settings, failure, load];
}

/** Signing in happens in another window, so that nothing written here is lost. */
function SignInAgain() {
  const words = useWords();
  return (
    <MessageBar intent="warning" layout="multiline" role="alert">
      <MessageBarBody>{words.signInEnded}</MessageBarBody>
      <MessageBarActions>
        <Link href="/signin?next=/signin/done" target="_blank" rel="noopener">
          {words.page.signInAgain}
        </Link>
      </MessageBarActions>
    </MessageBar>
  );
}

function Waiting() {
  const words = useWords();
  return (
    <div role="status">
      <Spinner label={words.signingIn} labelPosition="below" />
    </div>
  );
}

function NoStart({ failure, onAgain }: { failure: Failure; onAgain: () => void }) {
  const words = useWords();
  const styles = useStyles();
  return (
    <div className={styles.section}>
      <p role="alert" className={styles.bad}>
        {failure.sentence}
      </p>
      <div className={styles.buttons}>
        <Button onClick={onAgain}>{words.tryAgain}</Button>
      </div>
    </div>
  );
}
