import { FluentProvider, MessageBar, MessageBarBody, MessageBarTitle, Button, Spinner, webDarkTheme, webLightTheme } from "@fluentui/react-components";
import { useCallback, useEffect, useState } from "react";
import { displayLanguage } from "../office/host";
import { isDark, onThemeChange } from "../office/theme";
import { ReadPane } from "../read/ReadPane";
import { ComposePane } from "../send/ComposePane";
import { failureOf, type Failure } from "../send/failure";
import { languageOf, wordsFor } from "../words";
import { boot, type Ready, type Services } from "./boot";
import { useWords, WordsProvider } from "./context";
import { useStyles } from "./styles";

/** The pane: Outlook's language and theme around whatever fits the item. */
export function App({ services }: { services: Services }) {
  const words = wordsFor(languageOf(displayLanguage()));
  const dark = useDark();
  useEffect(() => {
    document.documentElement.lang = words.tag;
    document.title = words.send;
  }, [words]);
  useEffect(() => {
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }, [dark]);
  return (
    <FluentProvider theme={dark ? webDarkTheme : webLightTheme}>
      <WordsProvider value={words}>
        <Content services={services} />
      </WordsProvider>
    </FluentProvider>
  );
}

function useDark(): boolean {
  const [dark, setDark] = useState(isDark);
  useEffect(() => void onThemeChange(setDark), []);
  return dark;
}

type State = { ready: Ready } | { failure: Failure } | undefined;

function Content({ services }: { services: Services }) {
  const words = useWords();
  const [state, setState] = useState<State>();
  const start = useCallback(() => {
    setState(undefined);
    boot(services, languageOf(displayLanguage())).then(
      (ready) => setState({ ready }),
      (error: unknown) => setState({ failure: failureOf(error, words) }),
    );
  }, [services, words]);
  useEffect(start, [start]);
  if (!state) return <Waiting />;
  return "failure" in state ? <NoStart failure={state.failure} onAgain={start} /> : <Panes ready={state.ready} />;
}

function Waiting() {
  const words = useWords();
  const styles = useStyles();
  return (
    <div className={styles.pane}>
      <main className={styles.centre}>
        <div role="status">
          <Spinner label={words.signingIn} labelPosition="below" />
        </div>
      </main>
    </div>
  );
}

function NoStart({ failure, onAgain }: { failure: Failure; onAgain: () => void }) {
  const words = useWords();
  const styles = useStyles();
  return (
    <div className={styles.pane}>
      <main className={styles.body}>
        <MessageBar intent="error" layout="multiline" role="alert">
          <MessageBarBody>
            <MessageBarTitle>{words.noAccess}</MessageBarTitle>
            {failure.sentence}
          </MessageBarBody>
        </MessageBar>
        {failure.reference && <p className={styles.quiet}>{words.reference(failure.reference)}</p>}
        <Button onClick={onAgain}>{words.tryAgain}</Button>
      </main>
    </div>
  );
}

function Panes({ ready }: { ready: Ready }) {
  const words = useWords();
  const { api, settings, otherAccount, compose } = ready;
  return (
    <>
      {otherAccount && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{words.otherAccount(otherAccount.account, otherAccount.mailbox)}</MessageBarBody>
        </MessageBar>
      )}
      {compose ? <ComposePane api={api} settings={settings} first={compose.draft} start={compose.start} /> : <ReadPane api={api} settings={settings} origin={ready.origin} />}
    </>
  );
}
