const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** A size in decimal units (1 kB = 1,000 bytes), as a person reads it. */
export function size(bytes: number, tag: string): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return new Intl.NumberFormat(tag, {
    style: "unit",
    unit: units[unit] ?? "byte",
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  }).format(value);
}

/** A day in words, such as "Sunday 29 November 2026". */
export const day = (date: Date, tag: string): string => new Intl.DateTimeFormat(tag, { dateStyle: "full" }).format(date);

/** A day and time of day. */
export const moment = (date: Date, tag: string): string =>
  new Intl.DateTimeFormat(tag, { dateStyle: "long", timeStyle: "short" }).format(date);
