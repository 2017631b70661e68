/** One server-sent event. */
export interface ServerEvent {
  event: string;
  data: string;
}

/**
 * Reads server-sent events from a byte stream, by the parsing rules of the HTML
 * standard, 9.2.6: LF, CR or CRLF end a line, an empty line ends an event,
 * several data lines are joined. Ids and retry times are of no use here.
 */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

class EventParser {
  private rest = "";
  private event = "";
  private data: string[] = [];

  *push(text: string): Generator<ServerEvent> {
    this.rest += text;
    for (;;) {
      // A CR at the very end may be half of a CRLF: wait for the rest.
      const end = /\r\n|\n|\r(?!$)/.exec(this.rest);
      if (!end) return;
      const line = this.rest.slice(0, end.index);
      this.rest = this.rest.slice(end.index + end[0].length);
      const complete = this.take(line);
      if (complete) yield complete;
    }
  }

  private take(line: string): ServerEvent | undefined {
    if (line === "") return this.finish();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.event = value;
    if (name === "data") this.data.push(value);
    return undefined;
  }

  private finish(): ServerEvent | undefined {
    const complete = { event: this.event || "message", data: this.data.join("\n") };
    const empty = this.data.length === 0;
    this.event = "";
    this.data = [];
    return empty ? undefined : complete;
  }
}
