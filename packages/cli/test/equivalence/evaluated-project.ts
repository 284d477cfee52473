/**
 * The modules of a rendered project inside of the process of a test. Each evaluation creates new classes, like each
 * process of an application.
 */
import { resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import { transformSync } from 'esbuild';
import * as core from '@asphalt/core';
import * as errors from '@asphalt/core/errors';

type Exports = Record<string, unknown>;

/** The part of the module `diary.ts` that a test uses. */
interface Diary {
  /** Returns whether no component waits for turns of the event loop. */
  isIdle(): boolean;
}

export interface EvaluatedProject {
  /** Imports a module by its absolute file. */
  readonly imports: ReadonlyMap<string, () => Promise<object>>;
  readonly diary: Diary;
}

export class CompiledProject {
  readonly #code: ReadonlyMap<string, string>;

  /** @param folder - the folder of the project, which does not need to exist */
  constructor(folder: string, sources: Readonly<Record<string, string>>) {
    const compilerOptions = { experimentalDecorators: true, useDefineForClassFields: false };
    const compile = (text: string): string =>
      transformSync(text, { loader: 'ts', format: 'cjs', target: 'node20', tsconfigRaw: { compilerOptions } }).code;
    this.#code = new Map(Object.entries(sources).map(([name, text]) => [resolve(folder, name), compile(text)]));
  }

  evaluate(): EvaluatedProject {
    const evaluated = new Map<string, Exports>();
    const load = (file: string): Exports => {
      const known = evaluated.get(file);
      if (known) return known;
      const module = { exports: {} as Exports };
      const require = (specifier: string): object => packages[specifier] ?? load(resolve(file, '..', specifier));
      compileFunction(this.#code.get(file)!, ['module', 'exports', 'require'], { filename: file })(
        module,
        module.exports,
        require,
      );
      evaluated.set(file, module.exports);
      return module.exports;
    };
    const files = [...this.#code.keys()];
    const imports = new Map(files.map((file) => [file, () => Promise.resolve(load(file))]));
    // The module is untyped, because a test cannot import a module of a project that does not exist.
    return { imports, diary: load(files.find((file) => file.endsWith('diary.ts'))!) as unknown as Diary };
  }
}

const packages: Readonly<Record<string, object>> = { '@asphalt/core': core, '@asphalt/core/errors': errors };
