import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const types = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml' } as const;
const files = ['pagewatch.css', 'pagewatch.js', 'icon.svg'] as const;

export interface Asset {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** Changes with the content, so that browsers may keep what they have. */
  readonly version: string;
}

/** The files that the site's pages refer to; the folder is beside `src` and `dist` both. */
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
