/** Streams uploads into files. Limits the size of each upload and the number of concurrent ones. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { component, Component, defineConfig, inject, provides } from '@asphalt/core';
import { bodyLimit, problem, WebApp } from '@asphalt/web';

/** The stored files. A file is visible after its upload is complete. */
export class Uploads {
  constructor(readonly folder: string) {}

  async save(name: string, content: ReadableStream, abort: AbortSignal): Promise<void> {
    const part = join(this.folder, `.${randomUUID()}.part`);
    try {
      await pipeline(Readable.fromWeb(content), createWriteStream(part, { flags: 'wx', flush: true }), {
        signal: abort,
      });
      await rename(part, join(this.folder, name));
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  /** Returns the size and the content of a file, or undefined if it does not exist. */
  async read(name: string): Promise<{ size: number; content: ReadableStream } | undefined> {
    const file = await open(join(this.folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!file) return undefined;
    const { size } = await file.stat();
    return { size, content: Readable.toWeb(file.createReadStream()) };
  }
}

const options = defineConfig({
  folder: { doc: 'Folder of the files', format: 'path', required: true },
  limit: { doc: 'Size of the largest file', format: 'bytes', default: '200MB' },
  concurrency: { doc: 'Number of uploads that may run at the same time', format: 'int', default: 10 },
});

@component({ config: options, description: 'Receives files' })
export class UploadsComponent extends Component<typeof options> {
  #running = 0;

  @provides(Uploads)
  async uploads(): Promise<Uploads> {
    await mkdir(this.config.folder, { recursive: true });
    return new Uploads(this.config.folder);
  }

  override start(@inject(WebApp) web: WebApp, @inject(Uploads) uploads: Uploads): void {
    const { limit, concurrency } = this.config;
    // The pattern accepts no separators and no name that starts with a dot.
    const path = '/files/:name{[A-Za-z0-9_][A-Za-z0-9._-]{0,100}}';

    web.put(path, bodyLimit(limit), async (c) => {
      if (this.#running >= concurrency) {
        c.header('retry-after', '5');
        return problem(c, { status: 503, detail: 'Too many uploads are running' });
      }
      const { body, signal } = c.req.raw;
      if (!body) return problem(c, { status: 400, detail: 'The request has no content' });
      this.#running += 1;
      try {
        await uploads.save(c.req.param('name'), body as ReadableStream, signal);
      } finally {
        this.#running -= 1;
      }
      return c.body(null, 201);
    });

    web.get(path, async (c) => {
      const file = await uploads.read(c.req.param('name'));
      if (!file) return c.notFound();
      return c.body(file.content as never, 200, {
        'content-type': 'application/octet-stream',
        'content-length': `${file.size}`,
        'content-disposition': 'attachment',
      });
    });
  }
}
