/**
 * Finds national identity numbers in text. It runs in the pane and in the send
 * event of classic Outlook, hence in plain ECMAScript 2016: no lookbehind, no
 * matchAll, nothing of a browser.
 *
 * A check that lets one number in eleven or in twenty-seven through proves
 * little alone, so each find has a confidence from its form, its check digits
 * and the words before it; see confidenceOf. What is found is never repeated:
 * a find says kind and place only.
 */
export type NumberKind = "cpr" | "fnr" | "bsn" | "pnr";

export interface Find {
  kind: NumberKind;
  /** From 0 to 1. */
  confidence: number;
  at: number;
  length: number;
}

/** From here on a find is worth a question. */
export const worthAsking = 0.5;

/** The finds that are worth a question, in the order of the text; one place is one find. */
export function findNumbers(text: string, least: number = worthAsking): Find[] {
  const finds: Find[] = [];
  candidates.lastIndex = 0;
  for (let match = candidates.exec(text); match; match = candidates.exec(text)) {
    const best = judge(text, match.index, match[0]);
    if (best && best.confidence >= least) finds.push(best);
  }
  return finds;
}

// Digits with the separators that people write in such numbers. Longer runs are matched whole, and then are none.
const candidates = /\d(?:[ .+\-\u2010-\u2015]?\d){7,30}/g;

function judge(text: string, at: number, written: string): Find | undefined {
  const before = text.slice(Math.max(0, at - 40), at);
  const after = text.slice(at + written.length, at + written.length + 2);
  if (/[\w\u00c0-\u024f]$/.test(before) || /[.,:/#=_\-]$/.test(before) && /\d.$/.test(before)) return undefined;
  if (/(^|[^A-Za-z])[A-Z]{2}\d{2} ?$/.test(before)) return undefined; // an IBAN
  if (/^[\w\u00c0-\u024f]/.test(after) || /^[.,:/][0-9]/.test(after)) return undefined;
  const digits = written.replace(/\D/g, "");
  let best: Find | undefined;
  for (const rule of rules) {
    const form = rule.forms.exec(written);
    const strength = form ? rule.strength(digits, written) : 0;
    if (strength <= 0) continue;
    const confidence = confidenceOf(strength, rule.words, before);
    if (!best || confidence > best.confidence) best = { kind: rule.kind, confidence, at, length: written.length };
  }
  return best;
}

/** Strength of form and check digits, moved by the words that stand before the number. */
function confidenceOf(strength: number, own: RegExp, before: string): number {
  const near = before.toLowerCase();
  const helped = own.test(near) ? 0.5 : anyPerson.test(near) ? 0.3 : 0;
  const hurt = helped === 0 && somethingElse.test(near) ? 0.5 : 0;
  return Math.max(0, Math.min(1, strength + helped - hurt));
}

// Words for any such number, in the languages of the product.
const anyPerson = /(person(?:al|lig)?[ -]?(?:id|nr|nummer|number|identifi)|national id|identity n|nationalt id|f(?:ø|oe|o)dt|f(?:ö|oe|o)dd|født(?:e)?|geboren|born)\D{0,15}$/;

// Words that say that the digits are something else.
const somethingElse =
  /(?:^|[^a-zæøåäöü])(tlf|tel|telefon|telefoon|phone|mobil|mobiel|fax|faktura|factuur|invoice|rechnung|ordre|order|bestell|konto|account|rekening|iban|kvk|cvr|org(?:anisasjons|anisations)?\.?[ -]?(?:nr|nummer)|orgnr|btw|moms|vat|ean|gln|sagsnr|sagsnummer|saksnr|saksnummer|zaaknummer|zaak|sag|sak|case|ärende(?:nr|nummer)?|aktenzeichen|journal|kunde(?:nr|nummer)?|klant(?:nr|nummer)?|kund(?:nr|nummer)|reference|referens|referanse|referentie|ref|serie(?:nr|nummer)?|serial|varenr|artikel(?:nr|nummer)?|kid|ocr|bankgiro|plusgiro|isbn|sn|track|pakke|parcel|zending|beløb|belopp|bedrag|amount)\.?\D{0,12}$/;

interface Rule {
  kind: NumberKind;
  /** How it is written. */
  forms: RegExp;
  words: RegExp;
  /** From 0 (cannot be one) to 1, by date and check digits. */
  strength: (digits: string, written: string) => number;
}

const dash = "[\\-\\u2010-\\u2015]";

const rules: Rule[] = [
  {
    // Danish CPR number: day, month, year, serial. The modulus 11 test is no reason to refuse since 2007
    // (CPR-kontoret, "Personnumre uden kontrolciffer"), but a number that passes it is likelier one.
    kind: "cpr",
    forms: new RegExp(`^\\d{6}(?:${dash}| )?\\d{4}$`),
    words: /(cpr|personnummer|personnr)\D{0,15}$/,
    strength: (d, written) => {
      if (!isDate(yearOfCpr(d), num(d, 2, 4), num(d, 0, 2))) return 0;
      const passes = weighted(d, [4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
      if (new RegExp(dash).test(written)) return passes ? 0.8 : 0.6;
      return passes ? 0.5 : 0.25;
    },
  },
  {
    // Norwegian fødselsnummer, and D-number (day + 40). In numbers that are issued from 2032 on, the weighted sum
    // with the first control digit may leave 0 to 3 instead of 0 when divided by 11, the one with the second must
    // leave 0 as ever, and the three digits after the date no longer tell the century (Skatteetaten, "Nytt
    // fødselsnummer fra 2032", skatteetaten.github.io/folkeregisteret-api-dokumentasjon/nytt-fodselsnummer-fra-2032).
    kind: "fnr",
    forms: /^\d{6} ?\d{5}$/,
    words: /(f(?:ø|oe|o)dselsnummer|f(?:ø|oe|o)dselsnr|fnr|d-?nummer|d-?nr|personnummer|personnr)\D{0,15}$/,
    strength: (d) => {
      const day = num(d, 0, 2);
      if (!isDayOfAnyCentury(num(d, 4, 6), num(d, 2, 4), day > 40 ? day - 40 : day)) return 0;
      const first = weighted(d, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11;
      const second = weighted(d, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11;
      if (second !== 0 || first > 3) return 0;
      return first === 0 ? 0.9 : 0.65;
    },
  },
  {
    // Dutch burgerservicenummer: the 11-test with the weights 9 to 2 and -1 (Rijksdienst voor Identiteitsgegevens,
    // "Logisch ontwerp BSN"). One number in eleven passes: words must help.
    kind: "bsn",
    forms: /^(?:\d{9}|\d{4}[. ]\d{2}[. ]\d{3})$/,
    words: /(bsn|burgerservicenummer|sofi-?nummer|persoonsnummer|persoonsnr)\D{0,15}$/,
    strength: (d, written) => {
      if (/^0{9}$|^(\d)\1{8}$/.test(d)) return 0;
      const sum = weighted(d, [9, 8, 7, 6, 5, 4, 3, 2, -1]);
      if (sum % 11 !== 0) return 0;
      return /^\d{4}\./.test(written) ? 0.5 : 0.2;
    },
  },
  {
    // Swedish personnummer, and samordningsnummer (day + 60): Luhn over the ten digits
    // (Skatteverket, SKV 704). Twelve digits carry the century.
    kind: "pnr",
    forms: new RegExp(`^(?:18|19|20)?\\d{6}(?:${dash}|\\+| )?\\d{4}$`),
    words: /(personnummer|personnr|pnr|samordningsnummer|samordningsnr|persnr)\D{0,15}$/,
    strength: (d, written) => {
      const ten = d.slice(-10);
      const day = num(ten, 4, 6);
      const whole = day > 60 ? day - 60 : day;
      const dated = d.length === 12 ? isDate(num(d, 0, 4), num(ten, 2, 4), whole) : isDayOfAnyCentury(num(ten, 0, 2), num(ten, 2, 4), whole);
      if (!dated || !luhn(ten)) return 0;
      // Twelve digits without a dash may be a time: 202611221530.
      if (d.length === 12) return num(d, 0, 4) < 2020 || /\D/.test(written) ? 0.8 : 0.45;
      return /\d{6}\D\d{4}$/.test(written) ? 0.75 : 0.35;
    },
  },
];

const num = (digits: string, from: number, to: number): number => Number(digits.slice(from, to));

function weighted(digits: string, weights: number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0);
}

/** The year of a CPR number by its seventh digit (CPR-kontoret, "Personnummeret i CPR"). */
function yearOfCpr(d: string): number {
  const year = num(d, 4, 6);
  const seventh = num(d, 6, 7);
  if (seventh <= 3) return 1900 + year;
  if (seventh === 4 || seventh === 9) return (year <= 36 ? 2000 : 1900) + year;
  return (year <= 57 ? 2000 : 1800) + year;
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!;
}

/** True when the day exists with two digits of a year, in the century where it may: 1900 was no leap year, 2000 was. */
const isDayOfAnyCentury = (year: number, month: number, day: number): boolean =>
  isDate(1900 + year, month, day) || isDate(2000 + year, month, day);

function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const doubled = Number(digits[digits.length - 1 - i]) * (i % 2 === 1 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
