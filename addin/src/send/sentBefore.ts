import type { Api } from "../api/client";
import { ApiFault } from "../api/fault";
import type { Transfer } from "../api/types";

/** The transfer that a draft is marked with; undefined when nothing came of it or the caller may not see it. */
export async function sentBefore(api: Api, id: string): Promise<Transfer | undefined> {
  const transfer = await api.transfer(id).catch((error: unknown) => {
    if (error instanceof ApiFault && error.problem.status === 404) return undefined;
    throw error;
  });
  return transfer?.state === "failed" ? undefined : transfer;
}
