import { mayOverrule, reasonsOf, type Outgoing, type Part, type Rules } from "./decide";
import { wordsOf } from "./texts";

// The send event. Everything is asked through callbacks: classic Outlook has no page here, and no newer language.

interface Result {
  status: string;
  value?: unknown;
}
type Asked = (done: (result: Result) => void) => void;

interface SendEvent {
  completed(options: Record<string, unknown>): void;
}

/** After five seconds Outlook shows that it is waiting; what it has not told by then keeps the mail from leaving. */
const patienceMs = 4500;

const strictest: Rules = { mode: "block", own: [] };

/** Runs when the caseworker presses Outlook's own Send. */
export function onMessageSend(event: SendEvent): void {
  const item = Office.context.mailbox.item as unknown as Record<string, Record<string, (...args: unknown[]) => void>>;
  const method = (owner: string, name: string, ...args: unknown[]): Asked => (done) => item[owner]![name]!(...args, done);
  const own = (name: string): Asked => (done) => (item as unknown as Record<string, (done: unknown) => void>)[name]!(done);
  const questions: Asked[] = [
    method("to", "getAsync"),
    method("cc", "getAsync"),
    method("bcc", "getAsync"),
    method("subject", "getAsync"),
    method("body", "getAsync", "text"),
    own("getAttachmentsAsync"),
    own("loadCustomPropertiesAsync"),
  ];
  askAll(questions, (answers) => {
    const mail = orElse(() => read(answers), nothingTold);
    answer(event, mail, orElse(rulesOf, strictest));
  });
}

/** A fault of our own, or an answer that makes no sense, is as good as no answer. */
function orElse<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch (error) {
    return otherwise;
  }
}

function answer(event: SendEvent, mail: Outgoing, rules: Rules): void {
  const reasons = reasonsOf(mail, rules);
  if (reasons.length === 0) {
    event.completed({ allowEvent: true });
    return;
  }
  const { message, open } = wordsOf(reasons, Office.context.displayLanguage || "en");
  const options: Record<string, unknown> = { allowEvent: false, errorMessage: message, cancelLabel: open, commandId: "Send.Button" };
  if (mayOverrule(reasons, rules)) options.sendModeOverride = "promptUser";
  event.completed(options);
}

/** Asks everything at once; what fails or takes too long is undefined. */
function askAll(questions: Asked[], done: (answers: unknown[]) => void): void {
  const answers: unknown[] = questions.map(() => undefined);
  let open = questions.length;
  let over = false;
  const finish = () => {
    if (over) return;
    over = true;
    done(answers);
  };
  const settle = (i: number, value: unknown) => {
    if (over) return;
    answers[i] = value;
    open--;
    if (open === 0) finish();
  };
  setTimeout(finish, patienceMs);
  questions.forEach((ask, i) => {
    let told = false;
    try {
      ask((result) => {
        if (told) return;
        told = true;
        settle(i, String(result.status) === "succeeded" ? result.value : undefined);
      });
    } catch (error) {
      settle(i, undefined);
    }
  });
}

const everything: Part[] = ["recipients", "attachments", "subject", "text", "marks"];
const nothingTold: Outgoing = { addresses: [], subject: "", body: "", attachments: 0, digitally: "no", untold: everything };

function read(answers: unknown[]): Outgoing {
  const [to, cc, bcc, subject, body, files, properties] = answers;
  const fields = [to, cc, bcc].filter(Array.isArray);
  const addresses: string[] = [];
  fields.forEach((list) => list.forEach((one: { emailAddress?: string }) => addresses.push(one.emailAddress || "")));
  const attached = Array.isArray(files) ? files.filter((file: { isInline?: boolean }) => !file.isInline).length : 0;
  const told: Record<Part, boolean> = {
    recipients: fields.length === 3,
    attachments: Array.isArray(files),
    subject: typeof subject === "string",
    text: typeof body === "string",
    marks: isMarks(properties),
  };
  const untold = everything.filter((part) => !told[part]);
  return { addresses, subject: textOf(subject), body: textOf(body), attachments: attached, digitally: markOf(properties), untold };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

interface Marks {
  get(name: string): unknown;
}

const isMarks = (value: unknown): value is Marks => typeof value === "object" && value !== null && typeof (value as Marks).get === "function";

/** A mark of work under way counts for an hour: the pane that left it may have been closed. */
const runningMs = 3_600_000;

function markOf(marks: unknown): Outgoing["digitally"] {
  if (!isMarks(marks)) return "no";
  if (textOf(marks.get("sd.transfer")) !== "") return "sent";
  const since = Date.parse(textOf(marks.get("sd.running")));
  return Date.now() - since < runningMs ? "running" : "no";
}

function rulesOf(): Rules {
  const address = Office.context.mailbox.userProfile.emailAddress || "";
  const home = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
  const kept = Office.context.roamingSettings.get("sd.alerts") as Partial<Rules> | undefined;
  const mode = kept && (kept.mode === "prompt" || kept.mode === "off") ? kept.mode : strictest.mode;
  return { mode, own: (kept && Array.isArray(kept.own) ? kept.own : strictest.own).concat(home) };
}

Office.actions.associate("onMessageSend", onMessageSend as unknown as (event: Office.AddinCommands.Event) => void);
