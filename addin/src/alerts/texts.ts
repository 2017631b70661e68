import type { NumberKind } from "./numbers";
import type { Part, Reason } from "./decide";

interface Texts {
  sent: string;
  running: string;
  attachment: string;
  subject: (kinds: string) => string;
  body: (kinds: string) => string;
  untold: (parts: string) => string;
  parts: Record<Part, string>;
  instead: string;
  again: string;
  open: string;
}

const texts: Record<string, Texts> = {
  en: {
    sent: "This message was already sent with Send Digitally. Close it without sending.",
    running: "This message is being sent with Send Digitally. Do not send it in the ordinary way.",
    attachment: "It has an attachment for somebody outside the organisation.",
    subject: (kinds) => `The subject seems to contain a national identity number (${kinds}).`,
    body: (kinds) => `The text seems to contain a national identity number (${kinds}).`,
    untold: (parts) => `This could not be checked, because Outlook did not answer: ${parts}.`,
    parts: { recipients: "the recipients", attachments: "the attachments", subject: "the subject", text: "the text", marks: "whether it was already sent with Send Digitally" },
    instead: "An ordinary mail is not safe for this. Use Send Digitally.",
    again: "Try again in a moment, or use Send Digitally.",
    open: "Send Digitally",
  },
  da: {
    sent: "Denne besked er allerede sendt med Send Digitalt. Luk den uden at sende.",
    running: "Denne besked er ved at blive sendt med Send Digitalt. Send den ikke på almindelig vis.",
    attachment: "Den har en vedhæftet fil til en uden for organisationen.",
    subject: (kinds) => `Emnet ser ud til at indeholde et personnummer (${kinds}).`,
    body: (kinds) => `Teksten ser ud til at indeholde et personnummer (${kinds}).`,
    untold: (parts) => `Dette kunne ikke kontrolleres, fordi Outlook ikke svarede: ${parts}.`,
    parts: { recipients: "modtagerne", attachments: "de vedhæftede filer", subject: "emnet", text: "teksten", marks: "om den allerede er sendt med Send Digitalt" },
    instead: "En almindelig mail er ikke sikker nok. Brug Send Digitalt.",
    again: "Prøv igen om et øjeblik, eller brug Send Digitalt.",
    open: "Send Digitalt",
  },
  nb: {
    sent: "Denne meldingen er allerede sendt med Send digitalt. Lukk den uten å sende.",
    running: "Denne meldingen sendes med Send digitalt. Ikke send den på vanlig måte.",
    attachment: "Den har et vedlegg til noen utenfor organisasjonen.",
    subject: (kinds) => `Emnet ser ut til å inneholde et fødselsnummer (${kinds}).`,
    body: (kinds) => `Teksten ser ut til å inneholde et fødselsnummer (${kinds}).`,
    untold: (parts) => `Dette kunne ikke kontrolleres fordi Outlook ikke svarte: ${parts}.`,
    parts: { recipients: "mottakerne", attachments: "vedleggene", subject: "emnet", text: "teksten", marks: "om den allerede er sendt med Send digitalt" },
    instead: "En vanlig e-post er ikke sikker nok. Bruk Send digitalt.",
    again: "Prøv igjen om litt, eller bruk Send digitalt.",
    open: "Send digitalt",
  },
  nl: {
    sent: "Dit bericht is al verzonden met Digitaal verzenden. Sluit het zonder te verzenden.",
    running: "Dit bericht wordt verzonden met Digitaal verzenden. Verzend het niet op de gewone manier.",
    attachment: "Het heeft een bijlage voor iemand buiten de organisatie.",
    subject: (kinds) => `Het onderwerp lijkt een persoonsnummer te bevatten (${kinds}).`,
    body: (kinds) => `De tekst lijkt een persoonsnummer te bevatten (${kinds}).`,
    untold: (parts) => `Dit kon niet worden gecontroleerd, omdat Outlook niet antwoordde: ${parts}.`,
    parts: { recipients: "de ontvangers", attachments: "de bijlagen", subject: "het onderwerp", text: "de tekst", marks: "of het al is verzonden met Digitaal verzenden" },
    instead: "Een gewone mail is hiervoor niet veilig. Gebruik Digitaal verzenden.",
    again: "Probeer het zo meteen opnieuw of gebruik Digitaal verzenden.",
    open: "Digitaal verzenden",
  },
  sv: {
    sent: "Meddelandet har redan skickats med Skicka digitalt. Stäng det utan att skicka.",
    running: "Meddelandet skickas med Skicka digitalt. Skicka det inte på vanligt sätt.",
    attachment: "Det har en bilaga till någon utanför organisationen.",
    subject: (kinds) => `Ämnet verkar innehålla ett personnummer (${kinds}).`,
    body: (kinds) => `Texten verkar innehålla ett personnummer (${kinds}).`,
    untold: (parts) => `Detta kunde inte kontrolleras eftersom Outlook inte svarade: ${parts}.`,
    parts: { recipients: "mottagarna", attachments: "bilagorna", subject: "ämnet", text: "texten", marks: "om det redan har skickats med Skicka digitalt" },
    instead: "Ett vanligt mejl är inte säkert för detta. Använd Skicka digitalt.",
    again: "Försök igen om ett ögonblick eller använd Skicka digitalt.",
    open: "Skicka digitalt",
  },
  de: {
    sent: "Diese Nachricht wurde bereits mit Digital senden gesendet. Schließen Sie sie, ohne zu senden.",
    running: "Diese Nachricht wird mit Digital senden gesendet. Senden Sie sie nicht auf gewöhnliche Weise.",
    attachment: "Sie hat einen Anhang für jemanden außerhalb der Organisation.",
    subject: (kinds) => `Der Betreff scheint eine Personennummer zu enthalten (${kinds}).`,
    body: (kinds) => `Der Text scheint eine Personennummer zu enthalten (${kinds}).`,
    untold: (parts) => `Dies konnte nicht geprüft werden, weil Outlook nicht geantwortet hat: ${parts}.`,
    parts: { recipients: "die Empfänger", attachments: "die Anhänge", subject: "der Betreff", text: "der Text", marks: "ob sie bereits mit Digital senden gesendet wurde" },
    instead: "Eine gewöhnliche E-Mail ist dafür nicht sicher. Verwenden Sie Digital senden.",
    again: "Versuchen Sie es gleich noch einmal oder verwenden Sie Digital senden.",
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
  const lines = reasons.map(({ why, kinds, parts }) => {
    const said = say[why];
    if (typeof said === "string") return said;
    return said((why === "untold" ? parts.map((part) => say.parts[part]) : kinds.map(nameOf)).join(", "));
  });
  const over = reasons.some(({ why }) => why === "sent" || why === "running");
  const advice = reasons.every(({ why }) => why === "untold") ? say.again : say.instead;
  return { message: lines.concat(over ? [] : [advice]).join(" "), open: say.open };
}
