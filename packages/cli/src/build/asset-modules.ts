/**
 * A plugin of the bundler for files that modules find by their own place. `new URL('./file', import.meta.url)` becomes the
 * URL of a copy in the built folder; a script becomes a bundle of its own, for a thread. Every other `import.meta.url`
 * becomes the place of the source.
 */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import type { Plugin, RolldownMagicString, TransformResult } from 'rolldown';

/** A file or folder that a module refers to. */
export interface Asset {
  readonly source: string;
  /** The name in the built folder. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'script';
}

/** The tools of the bundler for a module's code. */
export interface CodeTools {
  readonly parse: (file: string, source: string) => { readonly program: object };
  /** Changes code and maps the result to its source. */
  readonly MagicString: typeof RolldownMagicString;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A module of the bundle that exports the URL of the bundle as `url`. */
export const placeModule = '\0asphalt:place';

export class AssetModules {
  /** The assets found so far, by source. */
  readonly assets = new Map<string, Asset>();
  /** The project's modules that use their own place in another way than `new URL`. */
  readonly placed = new Set<string>();
  readonly #tools: CodeTools;
  readonly #project: string;
  readonly #target: string;

  /** @param target - the built folder */
  constructor(tools: CodeTools, project: string, target: string) {
    this.#tools = tools;
    this.#project = project;
    this.#target = target;
  }

  plugin(): Plugin {
    return {
      name: 'asphalt:assets',
      resolveId: (id) => (id === placeModule ? id : undefined),
      load: (id) => {
        if (id !== placeModule) return undefined;
        // Computed when it is used first, because the first URL of a process takes a millisecond.
        const url = "require('node:url').pathToFileURL(__filename).href";
        const code = `let url; Object.defineProperty(exports, 'url', { enumerable: true, get: () => (url ??= ${url}) });`;
        return { code, moduleType: 'js' };
      },
      transform: {
        filter: { code: 'import.meta' },
        handler: (code, id) => (id.startsWith('\0') ? undefined : this.#transform(code, id)),
      },
    };
  }

  #transform(code: string, file: string): TransformResult {
    const edits = this.#editsIn(this.#tools.parse(file, code).program, file);
    if (edits.length === 0) return undefined;
    const text = new this.#tools.MagicString(code);
    for (const { start, end, text: replacement } of edits) text.update(start, end, replacement);
    text.prepend(`import { url as asphaltPlace } from '${placeModule}'; `);
    return { code: text.toString(), map: text.generateMap({ source: file, hires: true }).toString() };
  }

  #editsIn(program: object, file: string): Edit[] {
    const edits: Edit[] = [];
    const visit = (node: unknown): void => {
      if (Array.isArray(node)) {
        for (const each of node) visit(each);
        return;
      }
      if (typeof node !== 'object' || node === null) return;
      const edit = this.#editOf(node as Node, file);
      if (edit) edits.push(edit);
      else for (const inner of Object.values(node)) visit(inner);
    };
    visit(program);
    return edits;
  }

  #editOf(node: Node, file: string): Edit | undefined {
    const { start, end } = node;
    const name = assetOf(node);
    if (name !== undefined) {
      const asset = this.#assetAt(resolve(dirname(file), name), name);
      if (asset) return { start, end, text: `new URL(${JSON.stringify(asset.name)}, asphaltPlace)` };
    }
    if (node.type !== 'MemberExpression' || !isImportMeta(node.object)) return undefined;
    const property = node.property?.name;
    const source = JSON.stringify(relative(this.#target, file).split(sep).join('/'));
    if (property === 'url') this.#notePlaced(file);
    if (property === 'url') return { start, end, text: `new URL(${source}, asphaltPlace).href` };
    return undefined;
  }

  #notePlaced(file: string): void {
    if (!file.includes(`${sep}node_modules${sep}`) && file.startsWith(this.#project + sep)) this.placed.add(file);
  }

  #assetAt(path: string, written: string): Asset | undefined {
    const candidates = [path, path.replace(/\.([cm]?)tsx?$/, '.$1js')];
    const source = candidates.find((each) => existsSync(each));
    if (source === undefined) return undefined;
    const known = this.assets.get(source);
    if (known) return known;
    const hash = createHash('sha256').update(relative(this.#project, source)).digest('hex').slice(0, 8);
    const isFolder = statSync(source).isDirectory();
    const extension = extname(source);
    const isScript = !isFolder && /^\.[cm]?[jt]sx?$/.test(extension);
    const stem = `assets/${basename(source, extension)}-${hash}`;
    const name = isFolder ? `${stem}${written.endsWith('/') ? '/' : ''}` : `${stem}${isScript ? '.mjs' : extension}`;
    const asset: Asset = { source, name, kind: isFolder ? 'folder' : isScript ? 'script' : 'file' };
    this.assets.set(source, asset);
    return asset;
  }
}

/** The used part of a node in a syntax tree. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly object?: Node;
  readonly property?: { readonly name?: string };
  readonly callee?: Node & { readonly name?: string };
  readonly arguments?: ReadonlyArray<Node & { readonly value?: unknown }>;
  readonly meta?: { readonly name?: string };
}

function isImportMeta(node: Node | undefined): boolean {
  return node?.type === 'MetaProperty' && node.meta?.name === 'import';
}

/** Returns the relative name in `new URL('./name', import.meta.url)`. */
function assetOf({ type, callee, arguments: given = [] }: Node): string | undefined {
  const [name, base] = given;
  if (type !== 'NewExpression' || callee?.name !== 'URL' || given.length !== 2) return undefined;
  const isPlace = base?.type === 'MemberExpression' && isImportMeta(base.object) && base.property?.name === 'url';
  if (!isPlace || name?.type !== 'Literal' || typeof name.value !== 'string') return undefined;
  return /^\.{1,2}\//.test(name.value) ? name.value : undefined;
}

/** Returns the path of an asset in a built folder. */
export function assetPath(target: string, { name }: Asset): string {
  return join(target, name);
}
