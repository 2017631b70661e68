import { expect, it } from "vitest";
import { readEvents, type ServerEvent } from "../src/api/events";

async function read(chunks: Uint8Array[]): Promise<ServerEvent[]> {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const events: ServerEvent[] = [];
  for await (const event of readEvents(stream)) events.push(event);
  return events;
}

const text = ': hello\r\nevent: progress\r\ndata: {"a":1,\r\ndata:"b":"æ"}\r\n\r\n\ndata: x\n\nevent: y\rdata:  z\r\rdata: cut off';
const want = [
  { event: "progress", data: '{"a":1,\n"b":"æ"}' },
  { event: "message", data: "x" },
  { event: "y", data: " z" },
];

it("reads the same events however the bytes are cut", async () => {
  const bytes = new TextEncoder().encode(text);
  expect(await read([bytes])).toEqual(want);
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(await read([bytes.slice(0, cut), bytes.slice(cut)]), `cut at ${cut}`).toEqual(want);
  }
  expect(await read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(want);
});
