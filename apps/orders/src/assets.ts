import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const types = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml' } as const;
const files = ['orders.css', 'orders.js', 'icon.svg'] as const;

export interface Asset {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** A hash of the content, so that browsers can cache the asset indefinitely. */
  readonly version: string;
}

/** Loads the files that the site's pages refer to. Their folder is next to both `src` and `dist`. */
export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const folder = new URL('../public/', import.meta.url);
  const entries = files.map(async (file): Promise<[string, Asset]> => {
    const content = new Uint8Array(await readFile(new URL(file, folder)));
    const extension = file.slice(file.lastIndexOf('.') + 1) as keyof typeof types;
    const version = createHash('sha256').update(content).digest('hex').slice(0, 12);
    return [file, { content, type: types[extension], version }];
  });
  return new Map(await Promise.all(entries));
}
