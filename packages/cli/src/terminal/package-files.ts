/** The files of this package, wherever in it the code stands that asks: the sources and their bundles lie apart. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface OwnManifest {
  readonly version: string;
  readonly engines: { readonly node: string };
}

let root = new URL('.', import.meta.url);
while (!existsSync(new URL('package.json', root))) root = new URL('..', root);

/** @param name - as seen from the folder of the package, such as `pages/graph/page.css` */
export function packageFile(name: string): string {
  return fileURLToPath(new URL(name, root));
}

export function ownManifest(): OwnManifest {
  return JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as OwnManifest;
}
