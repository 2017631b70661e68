import type { en } from "./en";

type Wide<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { readonly [K in keyof T]: Wide<T[K]> };

/** The catalogue: a language that lacks a sentence does not compile. */
export type Words = Wide<typeof en>;
