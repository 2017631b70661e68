/** Why nobody is signed in. */
export class SignInFault extends Error {
  constructor(readonly kind: "unsupported" | "cancelled" | "failed" | "ended") {
    super(`sign-in: ${kind}`);
  }
}
