import { once } from 'node:events';
import { get, type ClientRequest, type IncomingMessage } from 'node:http';

/** A client of the live stream that counts changes and gaps. */
export class CountingClient {
  /** The number of received changes. */
  shown = 0;
  /** How often an id did not follow the previous one. */
  gaps = 0;
  #last: number | undefined;
  #rest = '';
  readonly #request: ClientRequest;

  private constructor(request: ClientRequest, response: IncomingMessage) {
    this.#request = request;
    response.setEncoding('latin1').on('data', (chunk: string) => this.#read(chunk));
    // The stream ends with the server, or when the client is closed.
    response.on('error', () => undefined);
  }

  static async open(url: string): Promise<CountingClient> {
    const request = get(`${url}/events?after=0`, { agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    request.on('error', () => undefined);
    return new CountingClient(request, response);
  }

  close(): void {
    this.#request.destroy();
  }

  #read(chunk: string): void {
    const text = this.#rest + chunk;
    const end = text.lastIndexOf('\n') + 1;
    this.#rest = text.slice(end);
    for (const [, digits] of text.slice(0, end).matchAll(/^id: (\d+)$/gm)) {
      const id = Number(digits);
      if (this.#last !== undefined && id !== this.#last + 1) this.gaps += 1;
      this.#last = id;
      this.shown += 1;
    }
  }
}
