/**
 * The modules of a rendered project inside of the process of a test. Each evaluation creates new classes, like each
 * process of an application.
 */
import { resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import { transformSync } from 'esbuild';
import * as core from '@asphalt/core';
import * as diary from './project/diary.ts';

type Exports = Record<string, unknown>;

/** Imports a module, by its absolute file. */
export type ModuleImports = ReadonlyMap<string, () => Promise<object>>;

/** The modules that all projects share, by their specifiers. */
const shared: Readonly<Record<string, object>> = { '@asphalt/core': core, './diary.ts': diary };

export class CompiledProject {
  readonly #code: ReadonlyMap<string, string>;

  /** @param folder - the folder of the project */
  constructor(folder: string, sources: Readonly<Record<string, string>>) {
    const own = Object.entries(sources).filter(([name]) => !Object.hasOwn(shared, `./${name}`));
    this.#code = new Map(own.map(([name, text]) => [resolve(folder, name), compile(text)]));
  }

  evaluate(): ModuleImports {
    const evaluated = new Map<string, Exports>();
    const load = (file: string): Exports => {
      const known = evaluated.get(file);
      if (known) return known;
      const module = { exports: {} as Exports };
      const require = (specifier: string): object => shared[specifier] ?? load(resolve(file, '..', specifier));
      const parameters = ['module', 'exports', 'require'];
      compileFunction(this.#code.get(file)!, parameters, { filename: file })(module, module.exports, require);
      evaluated.set(file, module.exports);
      return module.exports;
    };
    return new Map(Array.from(this.#code.keys(), (file) => [file, () => Promise.resolve(load(file))]));
  }
}

const compilerOptions = { experimentalDecorators: true, useDefineForClassFields: false };

function compile(text: string): string {
  return transformSync(text, { loader: 'ts', format: 'cjs', target: 'node20', tsconfigRaw: { compilerOptions } }).code;
}
