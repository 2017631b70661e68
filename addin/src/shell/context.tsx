import { createContext, useContext } from "react";
import { en } from "../words/en";
import type { Words } from "../words";

const context = createContext<Words>(en);

/** Gives the sentences of the pane's language to everything inside. */
export const WordsProvider = context.Provider;

export const useWords = (): Words => useContext(context);
