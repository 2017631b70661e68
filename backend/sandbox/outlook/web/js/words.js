// The page's words in the display language. English is the key and the last resort.
import { state } from './state.js';
import { catalogue, order } from './catalogue.js';

export function t(english, values = {}) {
  const language = (state.settings.view.language ?? 'en').split('-')[0];
  const words = catalogue[english]?.[order.indexOf(language)] ?? english;
  return words.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}
