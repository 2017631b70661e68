import { mergeClasses } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import type { Api } from "../api/client";
import type { ReceivedMessage as Message, Settings } from "../api/types";
import { MySettings } from "../read/MySettings";
import { ReceivedList } from "../received/ReceivedList";
import { ReceivedMessage } from "../received/ReceivedMessage";
import { useWords } from "../shell/context";
import { TransferList } from "../transfers/TransferList";
import type { Words } from "../words";
import { Answer } from "./Answer";
import { pathOf, type Place, type Tab } from "./place";
import { SendTab } from "./SendTab";
import { usePageStyles } from "./styles";

interface Props {
  api: Api;
  settings: Settings;
  place: Place;
  go: (place: Place) => void;
}

/** What the caller may do: everybody receives, caseworkers send. */
export function Tabs({ api, settings, place, go }: Props) {
  const words = useWords();
  const styles = usePageStyles();
  const sends = settings.caller.roles.includes("Caseworker");
  const tab = sends ? place.tab : "received";
  const [round, setRound] = useState({ send: 0, request: 0 });
  const [asked, setAsked] = useState(false); // and what is written there stays
  if (tab === "request" && !asked) setAsked(true);
  const [answers, setAnswers] = useState<Message[]>([]); // that were begun, each kept until it is closed
  const name = nameOf(tab, words);
  useEffect(() => {
    document.title = `${name} – ${settings.policy.organisation}`;
  }, [name, settings]);
  return (
    <>
      <nav className={styles.tabs} aria-label={words.send}>
        {(sends ? (["send", "request", "sent", "received"] as const) : (["received"] as const)).map((one) => (
          <a key={one} href={pathOf({ tab: one })} className={mergeClasses(styles.tab, one === tab && styles.here)} aria-current={one === tab ? "page" : undefined}
            onClick={(event) => {
              event.preventDefault();
              go({ tab: one });
            }}>
            {nameOf(one, words)}
          </a>
        ))}
      </nav>
      <main className={styles.column}>
        {sends &&
          (["send", "request"] as const).map((one) => (one === "send" || asked) && (
            <div key={one} hidden={tab !== one} className={tab === one ? styles.stack : undefined}>
              <SendTab key={round[one]} api={api} settings={settings} asks={one === "request"} next={words.page.startNew}
                onNext={() => setRound({ ...round, [one]: round[one] + 1 })} />
            </div>
          ))}
        {tab === "sent" && (
          <>
            <TransferList api={api} policy={settings.policy} />
            <MySettings api={api} settings={settings} />
          </>
        )}
        {tab === "received" && !place.message && <ReceivedList api={api} onOpen={(message) => go({ tab: "received", message })} />}
        {tab === "received" && place.message && (
          <ReceivedMessage key={place.message} api={api} id={place.message} onBack={() => go({ tab: "received" })}
            onReply={sends && !answers.some(({ id }) => id === place.message) ? (message) => setAnswers([...answers, message]) : undefined} />
        )}
        {answers.map((message) => (
          <div key={message.id} hidden={place.message !== message.id} className={place.message === message.id ? styles.stack : undefined}>
            <Answer api={api} settings={settings} message={message} onDone={() => setAnswers(answers.filter((other) => other !== message))} />
          </div>
        ))}
      </main>
    </>
  );
}

const nameOf = (tab: Tab, words: Words): string => ({ send: words.send, request: words.request, sent: words.myTransfers, received: words.page.received })[tab];
