/**
 * A plugin of the bundler that decides where imports lead: all packages share the application's core and RxJS, native
 * packages are copied, and modules that do not exist fail when they are imported, as they do without a bundle.
 */
import { isBuiltin } from 'node:module';
import { sep } from 'node:path';
import type { Plugin } from 'rolldown';
import type { NativePackages } from './native-packages.ts';

/** The modules that the application must not load twice: the command uses the application's core, and core its RxJS. */
const [core, rxjs] = [/^@asphalt\/core(?:\/|$)/, /^rxjs(?:\/|$)/];

/**
 * Built-in modules that every process of Node has loaded. The others are loaded when they are imported, as without a
 * bundle: their loading takes time, some print a warning, and some do not exist on every version of Node.
 */
const loadedBuiltins = new Set(['buffer', 'events', 'fs', 'module', 'path', 'timers', 'url', 'util']);

/** Modules of the command that load TypeScript, which a bundle does not contain. Skipping them makes a build faster. */
const unbuilt = /(?:typescript-loader|linked-package\d*)\.js$/;

export interface ResolveOptions {
  /** A file in the project's folder, where the search for shared modules starts. */
  readonly project: string;
  /** The folder of this command, whose modules are part of the bundle. */
  readonly command: string;
  readonly native: NativePackages;
}

/** The prefixes of modules that the plugin creates. Each loads another module when it is imported. */
const [missing, required] = ['\0missing:', '\0required:'];

export function resolveModules({ project, command, native }: ResolveOptions): Plugin {
  return {
    name: 'asphalt:resolve',
    async resolveId(id, importer, { kind }) {
      if (importer === undefined || id.startsWith('\0')) return undefined;
      if (isOfNode(id))
        return kind === 'import-statement' && !loadedBuiltins.has(id.replace(/^node:/, '')) ? required + id : undefined;
      const isOfCommand = importer.startsWith(command + sep);
      if (isOfCommand && kind === 'dynamic-import' && unbuilt.test(id)) return missing + id;
      const isShared = rxjs.test(id) || (isOfCommand && core.test(id));
      const shared = isShared ? await this.resolve(id, project, { kind, skipSelf: true }) : null;
      const found = shared ?? (await this.resolve(id, importer, { kind, skipSelf: true }));
      if (!found) return missing + id;
      if (found.external !== false || !native.has(found.id)) return found;
      return native.moduleFor(required + id, found.id);
    },
    load(id) {
      if (id.startsWith(required)) {
        const name = id.slice(required.length);
        const load = isOfNode(name) ? 'require' : "require('node:module').createRequire(__filename)";
        return { code: `module.exports = ${load}(${JSON.stringify(name)});`, moduleType: 'js' };
      }
      if (!id.startsWith(missing)) return undefined;
      const text = JSON.stringify(`Cannot find package '${id.slice(missing.length)}'`);
      const code = `throw Object.assign(new Error(${text}), { code: 'ERR_MODULE_NOT_FOUND' }); module.exports = {};`;
      return { code, moduleType: 'js' };
    },
  };
}

/** Returns whether a module is built in. Some exist only in later versions of Node. */
function isOfNode(id: string): boolean {
  return id.startsWith('node:') || isBuiltin(id);
}
