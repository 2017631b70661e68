import type { NumberKind } from "../src/alerts/numbers";

// Made-up texts with and without national identity numbers, in the ways people
// write them. The check digits are computed here on their own, not by the
// detector; the negatives are numbers of other kinds by their own rules.

export type Draw = (below: number) => number;

/** A generator of numbers from a seed (mulberry32). */
export function random(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const pad = (n: number, length: number) => String(n).padStart(length, "0");
const pick = <T>(draw: Draw, list: readonly T[]): T => list[draw(list.length)]!;
const digits = (draw: Draw, n: number) => Array.from({ length: n }, () => draw(10)).join("");

const birth = (draw: Draw) => ({ day: 1 + draw(28), month: 1 + draw(12), year: 1930 + draw(90) });

function cpr(draw: Draw): string {
  const { day, month, year } = birth(draw);
  const seventh = year < 2000 ? draw(4) : 4;
  const serial = year < 2000 || year <= 2036 ? `${seventh}${digits(draw, 3)}` : `4${digits(draw, 3)}`;
  return `${pad(day, 2)}${pad(month, 2)}${pad(year % 100, 2)}${serial}`;
}

function fnr(draw: Draw): string {
  for (;;) {
    const { day, month, year } = birth(draw);
    const nine = `${pad(day + (draw(10) === 0 ? 40 : 0), 2)}${pad(month, 2)}${pad(year % 100, 2)}${digits(draw, 3)}`;
    const one = control(nine, [3, 7, 6, 1, 8, 9, 4, 5, 2]);
    const two = control(nine + String(one), [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    if (one < 10 && two < 10) return `${nine}${one}${two}`;
  }
}

function control(given: string, weights: number[]): number {
  const rest = weights.reduce((sum, weight, i) => sum + weight * Number(given[i]), 0) % 11;
  return rest === 0 ? 0 : 11 - rest;
}

function bsn(draw: Draw): string {
  for (;;) {
    const eight = `${1 + draw(9)}${digits(draw, 7)}`;
    const last = [...eight].reduce((sum, digit, i) => sum + (9 - i) * Number(digit), 0) % 11;
    if (last < 10) return `${eight}${last}`;
  }
}

function pnr(draw: Draw): { century: string; ten: string } {
  const { day, month, year } = birth(draw);
  const nine = `${pad(year % 100, 2)}${pad(month, 2)}${pad(day + (draw(12) === 0 ? 60 : 0), 2)}${digits(draw, 3)}`;
  return { century: String(Math.floor(year / 100)), ten: nine + luhn(nine) };
}

function luhn(given: string): number {
  const sum = [...given].reverse().reduce((all, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1);
    return all + (value > 9 ? value - 9 : value);
  }, 0);
  return (10 - (sum % 10)) % 10;
}

export interface Sample {
  text: string;
  kind: NumberKind;
  form: string;
}

const around = ["Vedr. # og sagen i øvrigt.", "Hei, det gjelder # som vi snakket om.", "Betreft # , graag uw reactie.", "Det gäller # enligt ovan.", "Please see # below", "#", "(#)", "Barn: #\nMor: se bilag"];

/** Texts with one number each, in its usual forms. */
export function positives(draw: Draw, count: number): Sample[] {
  return Array.from({ length: count }, () => {
    const [kind, form, written] = pick(draw, forms)(draw);
    return { kind, form, text: pick(draw, around).replace("#", written) };
  });
}

const forms: ((draw: Draw) => [NumberKind, string, string])[] = [
  (d) => ["cpr", "dash", cpr(d).replace(/(.{6})/, "$1-")],
  (d) => ["cpr", "dash", cpr(d).replace(/(.{6})/, "$1-")],
  (d) => ["cpr", "word", `${pick(d, ["CPR", "cpr-nr.", "CPR-nummer:", "personnummer"])} ${cpr(d)}`],
  (d) => ["fnr", "plain", fnr(d)],
  (d) => ["fnr", "blank", fnr(d).replace(/(.{6})/, "$1 ")],
  (d) => ["fnr", "word", `${pick(d, ["fødselsnummer", "fnr.", "F.nr:"])} ${fnr(d)}`],
  (d) => ["bsn", "word", `${pick(d, ["BSN", "BSN:", "burgerservicenummer", "bsn-nummer"])} ${bsn(d)}`],
  (d) => ["bsn", "word", `${pick(d, ["BSN", "BSN is", "BSN nr."])} ${bsn(d).replace(/(.{4})(.{2})/, "$1.$2.")}`],
  (d) => ["pnr", "dash", pnr(d).ten.replace(/(.{6})/, "$1-")],
  (d) => ["pnr", "twelve", ((p) => p.century + p.ten.replace(/(.{6})/, "$1-"))(pnr(d))],
  (d) => ["pnr", "word", `${pick(d, ["personnummer", "pnr", "samordningsnummer:"])} ${pnr(d).ten}`],
];

/** Texts with numbers of other kinds: telephone, invoice, case, company, account, date, parcel. */
export function negatives(draw: Draw, count: number): { text: string; kind: string }[] {
  return Array.from({ length: count }, () => {
    const [kind, written] = pick(draw, others)(draw);
    return { kind, text: pick(draw, around).replace("#", written) };
  });
}

const others: ((draw: Draw) => [string, string])[] = [
  (d) => ["phone", `${pick(d, ["tlf.", "Tlf:", "telefon", "mobil", "phone", "Tel.", ""])} +45 ${digits(d, 2)} ${digits(d, 2)} ${digits(d, 2)} ${digits(d, 2)}`],
  (d) => ["phone", `${pick(d, ["tlf.", "ring", "telefoon"])} 0${1 + d(9)}${digits(d, 8)}`],
  (d) => ["phone", `06-${digits(d, 8)}`],
  (d) => ["invoice", `${pick(d, ["faktura", "Fakturanr.", "invoice no.", "factuur", "Rechnung"])} ${digits(d, pick(d, [8, 9, 10, 11]))}`],
  (d) => ["case", `${pick(d, ["sag", "sagsnr.", "saksnr", "zaaknummer", "ärendenummer"])} ${pick(d, ["2024", "2025", "2026"])}-${digits(d, 6)}`],
  (d) => ["case", `${digits(d, 2)}/${digits(d, 5)}-${digits(d, 2)}`],
  (d) => ["kvk", `${pick(d, ["KVK", "KvK-nummer", "KVK:"])} ${digits(d, 8)}`],
  (d) => ["orgnr", `org.nr. ${digits(d, 9)}`],
  (d) => ["cvr", `CVR ${digits(d, 8)}`],
  (d) => ["iban", `IBAN NL${digits(d, 2)} ABNA ${digits(d, 4)} ${digits(d, 4)} ${digits(d, 2)}`],
  (d) => ["iban", `DK${digits(d, 2)} ${digits(d, 4)} ${digits(d, 4)} ${digits(d, 4)} ${digits(d, 2)}`],
  (d) => ["account", `konto ${digits(d, 4)} ${digits(d, 2)} ${digits(d, 5)}`],
  (d) => ["date", `${pad(1 + d(28), 2)}.${pad(1 + d(12), 2)}.${2020 + d(8)} kl. ${pad(d(24), 2)}.${pad(d(60), 2)}`],
  (d) => ["date", `${2020 + d(8)}-${pad(1 + d(12), 2)}-${pad(1 + d(28), 2)}`],
  (d) => ["date", `${2020 + d(8)}${pad(1 + d(12), 2)}${pad(1 + d(28), 2)}${pad(d(24), 2)}${pad(d(60), 2)}`],
  (d) => ["parcel", `pakke ${digits(d, 18)}`],
  (d) => ["amount", `${1 + d(999)}.${digits(d, 3)}.${digits(d, 3)},${digits(d, 2)} kr.`],
  (d) => ["bare", digits(d, 9)],
  (d) => ["bare", digits(d, 10)],
  (d) => ["bare", digits(d, 11)],
];
