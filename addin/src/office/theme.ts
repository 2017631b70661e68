import { attempt } from "./call";

/** True when Outlook's own background is dark; the system's wish where Outlook is silent. */
export function isDark(): boolean {
  const colour = Office.context.officeTheme?.bodyBackgroundColor;
  const light = colour ? lightness(colour) : undefined;
  if (light === undefined) return window.matchMedia?.("(prefers-color-scheme: dark)").matches ?? false;
  return light < 0.5;
}

/** Lightness from 0 to 1 of "#rrggbb" (Rec. 601 weights); undefined when it is no such colour. */
export function lightness(colour: string): number | undefined {
  const parts = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour.trim());
  if (!parts) return undefined;
  const [r, g, b] = parts.slice(1).map((part) => parseInt(part, 16) / 255) as [number, number, number];
  return 0.299 * r + 0.587 * g + 0.114 * b;
}

/** Calls back when Outlook's theme changes, where Outlook tells. */
export async function onThemeChange(changed: (dark: boolean) => void): Promise<void> {
  const handler = (event: { officeTheme?: Office.OfficeTheme }) => {
    const light = lightness(event.officeTheme?.bodyBackgroundColor ?? "");
    changed(light === undefined ? isDark() : light < 0.5);
  };
  await attempt<void>((done) => Office.context.mailbox.addHandlerAsync("officeThemeChanged", handler, done));
}
