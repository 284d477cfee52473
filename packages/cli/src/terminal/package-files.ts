/** Locates files of this package, both from the sources and from the bundles, which are in different folders. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface OwnManifest {
  readonly version: string;
  readonly engines: { readonly node: string };
}

/** @param name - path relative to the folder of the package, such as `pages/graph/page.css` */
export function packageFile(name: string): string {
  let root = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', root))) root = new URL('..', root);
  return fileURLToPath(new URL(name, root));
}

export function ownManifest(): OwnManifest {
  return JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as OwnManifest;
}
