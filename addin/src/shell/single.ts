import type { MouseEvent } from "react";

/**
 * For a button that appears where another was pressed: the second click of a
 * double click was not meant for it (UI Events, "detail" of click events).
 */
export const single = (act: () => unknown) => (event: MouseEvent): void => {
  if (event.detail <= 1) void act();
};
