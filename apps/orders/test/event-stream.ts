/** An event as a browser receives it. */
export interface ServerEvent {
  readonly event: string;
  readonly id: string;
  readonly data: unknown;
}

/** Reads server-sent events over a real connection, as a browser does. */
export class EventStream {
  readonly #abort = new AbortController();
  readonly #events: AsyncGenerator<ServerEvent>;

  private constructor(url: string, headers: Record<string, string>) {
    this.#events = readEvents(url, headers, this.#abort.signal);
  }

  /** @param lastEventId - the id that a reconnecting browser sends */
  static open(url: string, lastEventId?: string): EventStream {
    return new EventStream(url, lastEventId === undefined ? {} : { 'last-event-id': lastEventId });
  }

  /** Returns the next matching event and drops the events before it. */
  async next(fits: (event: ServerEvent) => boolean = () => true): Promise<ServerEvent> {
    for (;;) {
      const { done, value } = await this.#events.next();
      if (done === true) throw new Error('the stream ended');
      if (fits(value)) return value;
    }
  }

  close(): void {
    this.#abort.abort();
  }
}

async function* readEvents(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const response = await fetch(url, { headers, signal });
  if (!response.ok || response.body === null) throw new Error(`the stream responded with ${response.status}`);
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      const data = fields.get('data');
      if (data !== undefined) {
        yield {
          event: fields.get('event') ?? 'message',
          id: fields.get('id') ?? '',
          data: JSON.parse(data) as unknown,
        };
      }
    }
  }
}
