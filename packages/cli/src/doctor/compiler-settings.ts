/** The settings of the TypeScript compiler against what components need of it. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { findTsconfig, parseTsconfig, type TsConfigJsonResolved } from 'get-tsconfig';
import { describeThrown } from '@asphalt/core';
import { shortPath } from '../terminal/place-text.ts';
import type { Finding, Project } from './finding.ts';

type Options = NonNullable<TsConfigJsonResolved['compilerOptions']>;

const remedy = 'write "extends": "@asphalt/core/tsconfig.json"';

export function checkCompilerSettings({ folder, sources }: Project): Finding[] {
  const file = findTsconfig(folder);
  if (file === undefined) {
    if (sources.length === 0) return [{ verdict: 'ok', summary: 'There is no TypeScript here' }];
    return [
      {
        verdict: 'wrong',
        summary: 'There is no tsconfig.json',
        details: ['without one, decorators are not compiled as components need them'],
        help: `make one that says "extends": "@asphalt/core/tsconfig.json"`,
      },
    ];
  }
  return [...projectsOf(file)].flatMap((project) => checkFile(project));
}

/** A tsconfig that compiles nothing itself stands for those that it refers to. */
function projectsOf(file: string): Set<string> {
  const projects = new Set<string>();
  const seen = new Set([file]);
  for (const next of seen) {
    const config = tryParse(next);
    const isSolution = !(config instanceof Error) && config.files?.length === 0 && config.references !== undefined;
    if (!isSolution) projects.add(next);
    else for (const { path } of config.references ?? []) seen.add(configFile(resolve(dirname(next), path)));
  }
  return projects;
}

function configFile(path: string): string {
  return existsSync(path) && statSync(path).isDirectory() ? join(path, 'tsconfig.json') : path;
}

function tryParse(file: string): TsConfigJsonResolved | Error {
  try {
    return parseTsconfig(file);
  } catch (error) {
    return error instanceof Error ? error : new Error(describeThrown(error));
  }
}

function checkFile(file: string): Finding[] {
  const name = shortPath(file);
  const config = tryParse(file);
  if (config instanceof Error) {
    return [
      { verdict: 'wrong', summary: `${name} cannot be read`, details: [config.message], help: 'correct the file' },
    ];
  }
  const findings = rules.flatMap((rule) => rule(config.compilerOptions ?? {}, name));
  if (findings.some(({ verdict }) => verdict === 'wrong')) return findings;
  return [{ verdict: 'ok', summary: `${name} compiles decorators as components need them` }, ...findings];
}

/** Each gives what is to be said about one setting. */
const rules: ReadonlyArray<(options: Options, file: string) => Finding[]> = [
  ({ experimentalDecorators }, file) =>
    experimentalDecorators === true
      ? []
      : [
          {
            verdict: 'wrong',
            summary: `${file} does not set "experimentalDecorators"`,
            details: ['only these decorators can stand on parameters, as @inject() does'],
            help: `${remedy}, or set "experimentalDecorators": true`,
          },
        ],
  ({ useDefineForClassFields, target = '' }, file) =>
    (useDefineForClassFields ?? definesFields.test(target))
      ? [
          {
            verdict: 'wrong',
            summary: `${file} does not set "useDefineForClassFields" to false`,
            details: ['then fields such as `@inject(Mailer) readonly mailer!: Mailer` overwrite what is injected'],
            help: `${remedy}, or set "useDefineForClassFields": false`,
          },
        ]
      : [],
  ({ target = '' }, file) =>
    /^es[35]$/i.test(target)
      ? [
          {
            verdict: 'wrong',
            summary: `${file} has "target": "${target}"`,
            details: ['components extend a class of the runtime, which functions in place of classes cannot'],
            help: `${remedy}, or set "target": "es2022"`,
          },
        ]
      : [],
  ({ module = '' }, file) =>
    /^(commonjs|amd|umd|system|none)$/i.test(module)
      ? [
          {
            verdict: 'wrong',
            summary: `${file} has "module": "${module}"`,
            details: ['applications are ES modules'],
            help: `${remedy}, or set "module": "nodenext"`,
          },
        ]
      : [],
  ({ moduleResolution = '' }, file) =>
    /^(node|node10)$/i.test(moduleResolution)
      ? [
          {
            verdict: 'wrong',
            summary: `${file} has "moduleResolution": "${moduleResolution}"`,
            details: ['which does not know the "exports" of packages, and so not the types of @asphalt/core'],
            help: `${remedy}, or set "moduleResolution": "nodenext"`,
          },
        ]
      : [],
  ({ strict = false, strictNullChecks = strict }, file) =>
    strictNullChecks
      ? []
      : [
          {
            verdict: 'note',
            summary: `${file} does not set "strict"`,
            details: ['the compiler cannot tell then whether an optional need is treated as one'],
            help: 'set "strict": true',
          },
        ],
  ({ emitDecoratorMetadata }, file) =>
    emitDecoratorMetadata === true
      ? []
      : [
          {
            verdict: 'note',
            summary: `${file} does not set "emitDecoratorMetadata"`,
            details: [
              "@checked() reads types from it where it is given no schemas, and inversify's @injectable() where there is no @inject()",
            ],
          },
        ],
];

/** Targets whose classes have fields of their own, so that the compiler defines fields unless it is told not to. */
const definesFields = /^(es202[2-9]|es20[3-9]\d|esnext)$/i;
