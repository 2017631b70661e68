import type { Problem } from "./types";

/** The API answered with problem details (RFC 9457), in the pane's language. */
export class ApiFault extends Error {
  constructor(readonly problem: Problem) {
    super(`api: ${problem.code}`);
  }

  /** The sentence to show: the particular one, then what is wrong with each field. */
  get sentence(): string {
    const fields = (this.problem.fields ?? []).map((field) => field.message);
    return [this.problem.detail ?? this.problem.title, ...fields].join(" ");
  }
}

/** The API was not reached, or its answer broke off: nobody knows what it did. */
export class LostConnection extends Error {
  constructor() {
    super("api: no answer");
  }
}

/** Reads an error answer; one that is no problem document becomes one. */
export function faultOf(status: number, body: string): ApiFault {
  try {
    const problem = JSON.parse(body) as Partial<Problem>;
    if (typeof problem.code === "string" && typeof problem.title === "string") {
      return new ApiFault({ ...(problem as Problem), status });
    }
  } catch {
    // Not ours: a proxy's page, perhaps. Its text is not for people.
  }
  return new ApiFault({ type: "about:blank", title: `HTTP ${status}`, status, code: `http_${status}` });
}
