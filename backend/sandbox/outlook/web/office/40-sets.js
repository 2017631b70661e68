// Requirement sets (Microsoft Learn, "Outlook JavaScript API requirement sets"). An
// older Outlook lacks the members that came later: they are undefined, as in life.
let supported = { Mailbox: '0', NestedAppAuth: null };

function atLeast(have, want) {
  if (!have) return false;
  const [a, b] = [have, want].map((v) => String(v).split('.').map(Number));
  return a[0] !== b[0] ? a[0] > b[0] : (a[1] ?? 0) >= (b[1] ?? 0);
}

function isSetSupported(name, version = '1.1') {
  const found = Object.keys(supported).find((set) => set.toLowerCase() === String(name).toLowerCase());
  return found !== undefined && atLeast(supported[found], version);
}

// since keeps the members of a requirement set if this Outlook has it.
function since(version, members) {
  return atLeast(supported.Mailbox, version) ? members : {};
}
