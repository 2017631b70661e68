/** From 0 (very weak) to 4 (very strong). */
export type Strength = 0 | 1 | 2 | 3 | 4;

// Words that everybody tries first, in the pane's languages.
const common =
  /password|passord|passwort|wachtwoord|losenord|lösenord|adgangskode|kodeord|kode|code|welkom|velkommen|willkommen|welcome|sommer|winter|vinter|qwert|qwertz|azert|asdf|admin|letmein|hemmelig|geheim|secret/gi;

/**
 * Estimates how hard a password is to guess: bits per character from the kinds
 * of characters, where what a guesser gets for nothing (common words,
 * repetitions, runs like 1234, years) counts as one character. A hint for a
 * person, not a rule: the backend holds the minimum.
 */
export function strengthOf(password: string): Strength {
  const bits = effectiveLength(password) * bitsEach(password);
  if (bits < 28) return 0;
  if (bits < 40) return 1;
  if (bits < 55) return 2;
  return bits < 75 ? 3 : 4;
}

// Small letters alone are words of a language more often than not, at about
// this much surprise for each letter.
const bitsOfWords = 3;

function bitsEach(password: string): number {
  return /^[\p{Ll} ]*$/u.test(password) ? bitsOfWords : Math.log2(alphabet(password));
}

function alphabet(password: string): number {
  const kinds: [RegExp, number][] = [
    [/\p{Ll}/u, 26],
    [/\p{Lu}/u, 26],
    [/\p{Nd}/u, 10],
    [/[^\p{L}\p{Nd}]/u, 32],
  ];
  return kinds.reduce((sum, [kind, n]) => (kind.test(password) ? sum + n : sum), 0);
}

function effectiveLength(password: string): number {
  const characters = [...password.replace(common, "w").replace(/(19|20)\d\d/g, "y")];
  return characters.filter((c, i) => !followsOn(characters[i - 1], c) && !repeats(characters, i)).length;
}

/** True for a character that equals the one before or is the next in a run. */
function followsOn(before: string | undefined, character: string): boolean {
  if (before === undefined) return false;
  return Math.abs(character.codePointAt(0)! - before.codePointAt(0)!) <= 1;
}

/** True when the three characters ending here stood before: "abcabc" is worth "abc". */
function repeats(characters: string[], i: number): boolean {
  if (i < 3) return false;
  const tail = characters.slice(i - 2, i + 1).join("");
  return characters.slice(0, i).join("").includes(tail);
}
