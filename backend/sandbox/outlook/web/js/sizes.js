// Figures as people read them.
import { state } from './state.js';

export function size(bytes) {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  let n = bytes, unit = 0;
  while (n >= 1000 && unit < units.length - 1) { n /= 1000; unit++; }
  const digits = n < 10 && unit > 0 ? 1 : 0;
  return new Intl.NumberFormat(state.settings.view.language, { style: 'unit', unit: units[unit], unitDisplay: unit ? 'short' : 'long', maximumFractionDigits: digits }).format(n);
}

export function time(value, full = false) {
  const at = new Date(value), today = new Date().toDateString() === at.toDateString();
  const format = full ? { dateStyle: 'medium', timeStyle: 'short' } : today ? { timeStyle: 'short' } : { dateStyle: 'short' };
  return new Intl.DateTimeFormat(state.settings.view.language, format).format(at);
}
