import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const lines = 30;

/** A local site with many pages. All pages change at the same interval, but at different times. */
export class ChangingSite {
  /** The versions that were sent, as `page/version`. */
  readonly served = new Set<string>();
  url = '';
  #startedAt: number | undefined;
  #stoppedAt: number | undefined;
  readonly #server = createServer((request, response) => this.#respond(request, response));

  private constructor(
    readonly pages: number,
    /** The time between two changes of a page. */
    readonly periodMs: number,
  ) {}

  static async open(pages: number, periodMs: number): Promise<ChangingSite> {
    const site = new ChangingSite(pages, periodMs);
    await new Promise<void>((resolve) => site.#server.listen(0, '127.0.0.1', resolve));
    site.url = `http://127.0.0.1:${(site.#server.address() as AddressInfo).port}`;
    return site;
  }

  /** Starts the changes of the pages. */
  start(): void {
    this.#startedAt = performance.now();
  }

  /** Stops the changes of the pages. */
  stop(): void {
    this.#stoppedAt = performance.now();
  }

  /** The number of changes of all pages. */
  get changes(): number {
    return Array.from({ length: this.pages }, (_, page) => this.#version(page)).reduce(
      (sum, version) => sum + version,
      0,
    );
  }

  /** Whether the current version of every page was sent. */
  get isSeen(): boolean {
    return Array.from({ length: this.pages }, (_, page) => `${page}/${this.#version(page)}`).every((version) =>
      this.served.has(version),
    );
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #version(page: number): number {
    if (this.#startedAt === undefined) return 0;
    const elapsedMs = (this.#stoppedAt ?? performance.now()) - this.#startedAt;
    return Math.floor(elapsedMs / this.periodMs + page / this.pages);
  }

  #respond(request: IncomingMessage, response: ServerResponse): void {
    const page = Number(request.url!.slice(1));
    const version = this.#version(page);
    const etag = `"${version}"`;
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end();
      return;
    }
    this.served.add(`${page}/${version}`);
    const changing = version % lines;
    const items = Array.from({ length: lines }, (_, line) =>
      line === changing ? `<li>Item ${line} has the new price of ${version} euros` : `<li>Item ${line} costs as ever`,
    );
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', etag });
    response.end(`<!doctype html><h1>Page ${page}, version ${version}</h1><ul>${items.join('')}</ul>`);
  }
}

/** Returns the name of a version, as in `served`, from its recorded text. */
export function versionIn(text: string): string {
  const [, page, version] = /^Page (\d+), version (\d+)/.exec(text) ?? [];
  return `${page}/${version}`;
}
