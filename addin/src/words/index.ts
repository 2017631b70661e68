import type { Language } from "../api/types";
import { da } from "./da";
import { de } from "./de";
import { en } from "./en";
import { nb } from "./nb";
import { nl } from "./nl";
import { sv } from "./sv";
import type { Words } from "./words";

export type { Words };

export const catalogue: Record<Language, Words> = { da, nb, nl, sv, de, en };

/** The languages' own names. */
export const ownNames: Record<Language, string> = { da: "Dansk", nb: "Norsk", sv: "Svenska", de: "Deutsch", nl: "Nederlands", en: "English" };

/** The language for Outlook's display language: "da-DK" is Danish, Norwegian of any kind is Bokmål, else English. */
export function languageOf(displayLanguage: string): Language {
  const primary = displayLanguage.toLowerCase().split(/[-_]/)[0] ?? "";
  if (primary === "no" || primary === "nn") return "nb";
  return Object.hasOwn(catalogue, primary) ? (primary as Language) : "en";
}

export const wordsFor = (language: Language): Words => catalogue[language];
