import { expect, it } from "vitest";
import { strengthOf } from "../src/send/strength";

it.each([
  ["", 0],
  ["password", 0],
  ["Password1!", 0],
  ["Sommer2026!", 0],
  ["12345678901234", 0],
  ["aaaaaaaaaaaaaaaaaaaa", 0],
  ["abcabcabcabcabcabc", 0],
  ["qwertyuiop", 0],
  ["kfhtwmzq", 0],
  ["kfhTwmzq", 2],
  ["Vr7!kQ2x", 2],
  ["blå hest spiser", 2],
  ["Vr7!kQ2xZ#9p", 4],
  ["hest batteri korrekt klammer", 3],
])("%j has strength %d", (password, strength) => expect(strengthOf(password)).toBe(strength));

it("never falls when a fresh character is added", () => {
  const password = "xR4!wZ8?mQ1+";
  const strengths = [...password].map((_, i) => strengthOf(password.slice(0, i + 1)));
  expect([...strengths].sort()).toEqual(strengths);
});
