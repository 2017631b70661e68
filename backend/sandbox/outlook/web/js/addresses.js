// Address lists as people type and paste them: separated by ";" or a line's end, each
// "name@host" or "Name <name@host>". A "," separates too unless a name is quoted.

export function parseAddresses(text) {
  return split(text).map(parseOne).filter((a) => a.address);
}

function split(text) {
  const parts = [];
  let part = '', quoted = false;
  for (const c of text) {
    if (c === '"') quoted = !quoted;
    if (!quoted && /[;,\n]/.test(c)) { parts.push(part); part = ''; } else part += c;
  }
  return [...parts, part];
}

function parseOne(text) {
  const named = /^\s*"?([^"<]*?)"?\s*<([^<>]*)>\s*$/.exec(text);
  const address = (named ? named[2] : text).trim();
  return { name: named?.[1] || address, address };
}

export function formatAddress({ name, address }) {
  if (!name || name === address) return address;
  return `${/[",;<>]/.test(name) ? JSON.stringify(name) : name} <${address}>`;
}

export const formatAddresses = (list) => list.map(formatAddress).join('; ');

export const looksRight = ({ address }) => /^[^\s@<>;,]+@[^\s@<>;,]+$/.test(address);
