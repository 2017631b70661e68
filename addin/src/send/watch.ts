import type { Api } from "../api/client";
import { LostConnection } from "../api/fault";
import type { Transfer } from "../api/types";
import type { Surroundings } from "./attempt";

const longestSilence = 6;

/** Follows a transfer until it is no longer being received, over broken streams too. */
export async function watch(transfer: Transfer, { api, told, wait }: Surroundings): Promise<Transfer> {
  let last = transfer;
  const tell = (next: Transfer) => {
    last = next;
    told({ step: "receiving", done: next.progress.received, total: next.progress.total });
  };
  if (last.state === "receiving") tell(last);
  for (let silent = 0; last.state === "receiving"; silent++) {
    const before = last.progress.received;
    await follow(api, last.id, tell, silent);
    if (last.progress.received > before) silent = 0;
    if (last.state === "receiving") await wait(Math.min(500 * 2 ** silent, 8000));
  }
  return last;
}

async function follow(api: Api, id: string, tell: (transfer: Transfer) => void, silent: number): Promise<void> {
  try {
    if (silent > 0) tell(await api.transfer(id));
    await api.follow(id, tell);
  } catch (error) {
    if (!(error instanceof LostConnection) || silent >= longestSilence) throw error;
  }
}
