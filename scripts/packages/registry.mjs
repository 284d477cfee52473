// An npm registry on a free local port. It serves the packages that this checkout has installed, and packed tarballs, so
// that npm resolves ranges and peers as it does for users, without a network.

import { execFileSync } from 'node:child_process';
import { createReadStream, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { root } from '../setup.mjs';

/**
 * @param folder - an empty folder for tarballs
 * @param tarballs - packed packages, which replace installed ones of the same name
 * @param newer - further versions of installed packages, by name; their content is that of the installed version
 * @returns the URL of the registry, and a function that stops it
 */
export async function startRegistry(folder, tarballs, newer = {}) {
  const versions = installedPackages();
  for (const tarball of tarballs) {
    const manifest = JSON.parse(execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }));
    versions.set(manifest.name, new Map([[manifest.version, { manifest, tarball }]]));
  }
  for (const [name, version] of Object.entries(newer)) {
    const [installed] = versions.get(name).values();
    versions.get(name).set(version, { ...installed, manifest: { ...installed.manifest, version } });
  }

  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url.slice(1));
    const [, name, version] = /^(.+)\/-\/(.+)$/.exec(path) ?? [undefined, path];
    const found = version === undefined ? versions.get(name) : versions.get(name)?.get(version);
    if (found === undefined) response.writeHead(404).end();
    else if (version === undefined) response.end(JSON.stringify(describe(name, found)));
    else createReadStream(found.tarball ?? pack(found)).pipe(response);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${server.address().port}`;

  /** Returns the document in which npm reads the versions of a package. */
  function describe(name, found) {
    const described = Array.from(found, ([version, { manifest }]) => [
      version,
      { ...manifest, dist: { tarball: `${url}/${name}/-/${version}` } },
    ]);
    return { name, 'dist-tags': { latest: described.at(-1)[0] }, versions: Object.fromEntries(described) };
  }

  function pack({ folder: source, manifest }) {
    const name = `${manifest.name.replace('/', '+')}@${manifest.version}`;
    const [copy, tarball] = [join(folder, name, 'package'), join(folder, `${name}.tar`)];
    if (existsSync(tarball)) return tarball;
    mkdirSync(copy, { recursive: true });
    // Source maps are half of the files of RxJS.
    const filter = (path) => basename(path) !== 'node_modules' && !path.endsWith('.map');
    cpSync(source, copy, { recursive: true, filter });
    writeFileSync(join(copy, 'package.json'), JSON.stringify(manifest));
    execFileSync('tar', ['-cf', tarball, '-C', join(folder, name), 'package']);
    return tarball;
  }

  return { url, stop: () => new Promise((stopped) => server.close(stopped).closeAllConnections()) };
}

/** Returns all packages in the store of pnpm: name → version → manifest and folder. */
function installedPackages() {
  const versions = new Map();
  const store = join(root, 'node_modules/.pnpm');
  for (const entry of readdirSync(store)) {
    const modules = join(store, entry, 'node_modules');
    if (entry === 'node_modules' || !existsSync(modules)) continue;
    for (const folder of foldersIn(modules)) {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const found = versions.get(manifest.name) ?? new Map();
      versions.set(manifest.name, found.set(manifest.version, { manifest, folder }));
    }
  }
  return versions;
}

/** Returns the packages that a folder of the store holds. The packages that these depend on are links. */
function foldersIn(modules) {
  return readdirSync(modules, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory() || entry.name.startsWith('.')) return [];
    const folder = join(modules, entry.name);
    return entry.name.startsWith('@') ? foldersIn(folder) : [folder];
  });
}
