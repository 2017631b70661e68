import type { NumberKind } from "./numbers";
import type { Reason } from "./decide";

interface Texts {
  sent: string;
  running: string;
  attachment: string;
  subject: (kinds: string) => string;
  body: (kinds: string) => string;
  instead: string;
  open: string;
}

const texts: Record<string, Texts> = {
  en: {
    sent: "This message was already sent with Send Digitally. Close it without sending.",
    running: "This message is being sent with Send Digitally. Do not send it in the ordinary way.",
    attachment: "It has an attachment for somebody outside the organisation.",
    subject: (kinds) => `The subject seems to contain a national identity number (${kinds}).`,
    body: (kinds) => `The text seems to contain a national identity number (${kinds}).`,
    instead: "An ordinary mail is not safe for this. Use Send Digitally.",
    open: "Send Digitally",
  },
  da: {
    sent: "Denne besked er allerede sendt med Send Digitalt. Luk den uden at sende.",
    running: "Denne besked er ved at blive sendt med Send Digitalt. Send den ikke på almindelig vis.",
    attachment: "Den har en vedhæftet fil til en uden for organisationen.",
    subject: (kinds) => `Emnet ser ud til at indeholde et personnummer (${kinds}).`,
    body: (kinds) => `Teksten ser ud til at indeholde et personnummer (${kinds}).`,
    instead: "En almindelig mail er ikke sikker nok. Brug Send Digitalt.",
    open: "Send Digitalt",
  },
  nb: {
    sent: "Denne meldingen er allerede sendt med Send digitalt. Lukk den uten å sende.",
    running: "Denne meldingen sendes med Send digitalt. Ikke send den på vanlig måte.",
    attachment: "Den har et vedlegg til noen utenfor organisasjonen.",
    subject: (kinds) => `Emnet ser ut til å inneholde et fødselsnummer (${kinds}).`,
    body: (kinds) => `Teksten ser ut til å inneholde et fødselsnummer (${kinds}).`,
    instead: "En vanlig e-post er ikke sikker nok. Bruk Send digitalt.",
    open: "Send digitalt",
  },
  nl: {
    sent: "Dit bericht is al verzonden met Digitaal verzenden. Sluit het zonder te verzenden.",
    running: "Dit bericht wordt verzonden met Digitaal verzenden. Verzend het niet op de gewone manier.",
    attachment: "Het heeft een bijlage voor iemand buiten de organisatie.",
    subject: (kinds) => `Het onderwerp lijkt een persoonsnummer te bevatten (${kinds}).`,
    body: (kinds) => `De tekst lijkt een persoonsnummer te bevatten (${kinds}).`,
    instead: "Een gewone mail is hiervoor niet veilig. Gebruik Digitaal verzenden.",
    open: "Digitaal verzenden",
  },
  sv: {
    sent: "Meddelandet har redan skickats med Skicka digitalt. Stäng det utan att skicka.",
    running: "Meddelandet skickas med Skicka digitalt. Skicka det inte på vanligt sätt.",
    attachment: "Det har en bilaga till någon utanför organisationen.",
    subject: (kinds) => `Ämnet verkar innehålla ett personnummer (${kinds}).`,
    body: (kinds) => `Texten verkar innehålla ett personnummer (${kinds}).`,
    instead: "Ett vanligt mejl är inte säkert för detta. Använd Skicka digitalt.",
    open: "Skicka digitalt",
  },
  de: {
    sent: "Diese Nachricht wurde bereits mit Digital senden gesendet. Schließen Sie sie, ohne zu senden.",
    running: "Diese Nachricht wird mit Digital senden gesendet. Senden Sie sie nicht auf gewöhnliche Weise.",
    attachment: "Sie hat einen Anhang für jemanden außerhalb der Organisation.",
    subject: (kinds) => `Der Betreff scheint eine Personennummer zu enthalten (${kinds}).`,
    body: (kinds) => `Der Text scheint eine Personennummer zu enthalten (${kinds}).`,
    instead: "Eine gewöhnliche E-Mail ist dafür nicht sicher. Verwenden Sie Digital senden.",
    open: "Digital senden",
  },
};

const names: Record<NumberKind, string> = { cpr: "CPR", fnr: "fødselsnummer", bsn: "BSN", pnr: "personnummer" };

/** How a kind of number is called where it is used. */
export const nameOf = (kind: NumberKind): string => names[kind];

/** What the dialog says, and the name of its button, in the language of a locale such as "da-DK". */
export function wordsOf(reasons: Reason[], locale: string): { message: string; open: string } {
  const primary = locale.toLowerCase().split(/[-_]/)[0] || "en";
  const say = texts[primary === "no" || primary === "nn" ? "nb" : primary] || texts.en!;
  const lines = reasons.map(({ why, kinds }) => {
    const said = say[why];
    return typeof said === "string" ? said : said(kinds.map(nameOf).join(", "));
  });
  const over = reasons.some(({ why }) => why === "sent" || why === "running");
  return { message: lines.concat(over ? [] : [say.instead]).join(" "), open: say.open };
}
