// Reads server-sent events (WHATWG HTML §9.2) from a response body, in bounded memory.

export interface ServerEvent {
  /** The event's name; `message` if it has none. */
  readonly event: string;
  readonly data: string;
  /** The last `id` seen, which is how a broken stream is resumed; undefined before the first. */
  readonly id: string | undefined;
}

/** The stream is not what was agreed. */
export class EventStreamError extends Error {
  override readonly name = "EventStreamError";
}

/**
 * The events of a stream as they come. Comments and unknown fields are skipped, an unfinished event at the end is lost.
 *
 * @throws EventStreamError if one event is longer than `maxEventLength` characters, or the bytes are not UTF-8
 */
export async function* readEvents(
  body: AsyncIterable<Uint8Array>,
  maxEventLength: number,
): AsyncGenerator<ServerEvent, void, undefined> {
  let rest = "";
  let fields = emptyFields();
  let id: string | undefined;
  for await (const text of decode(body)) {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    if (rest.length > maxEventLength) throw new EventStreamError("a line is too long");
    for (const line of lines) {
      if (line === "") {
        id = fields.id ?? id;
        if (fields.data !== undefined) yield { event: fields.event, data: fields.data, id };
        fields = emptyFields();
        continue;
      }
      fields = withLine(fields, line);
      if ((fields.data?.length ?? 0) > maxEventLength) throw new EventStreamError("an event is too long");
    }
  }
}

interface Fields {
  readonly event: string;
  readonly data: string | undefined;
  readonly id: string | undefined;
}

function emptyFields(): Fields {
  return { event: "message", data: undefined, id: undefined };
}

function withLine(fields: Fields, line: string): Fields {
  const colon = line.indexOf(":");
  const name = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
  if (name === "data")
    return { ...fields, data: fields.data === undefined ? value : `${fields.data}\n${value}` };
  if (name === "event") return { ...fields, event: value };
  if (name === "id" && !value.includes("\0")) return { ...fields, id: value };
  return fields;
}

async function* decode(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for await (const chunk of body) {
    try {
      yield decoder.decode(chunk, { stream: true });
    } catch (error) {
      throw new EventStreamError("not UTF-8", { cause: error });
    }
  }
}
