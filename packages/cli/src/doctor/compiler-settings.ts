/** Checks the settings of the TypeScript compiler against the requirements of components. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { findTsconfig, parseTsconfig, type TsConfigJsonResolved } from 'get-tsconfig';
import { describeThrown } from '@asphalt/core/errors';
import { shortPath } from '../terminal/place-text.ts';
import type { Finding, Project } from './finding.ts';

type Options = NonNullable<TsConfigJsonResolved['compilerOptions']>;

const extendsFix = 'write "extends": "@asphalt/core/tsconfig.json"';

export function checkCompilerSettings({ folder, sources }: Project): Finding[] {
  const file = findTsconfig(folder);
  if (file === undefined) {
    if (sources.length === 0) return [{ verdict: 'ok', summary: 'No TypeScript files found' }];
    return [
      {
        verdict: 'wrong',
        summary: 'No tsconfig.json found',
        details: ['without it, TypeScript does not compile decorators as components require'],
        help: `create one with "extends": "@asphalt/core/tsconfig.json"`,
      },
    ];
  }
  return [...projectsOf(file)].flatMap((project) => checkFile(project));
}

/** Returns the projects of a tsconfig. A solution file, which compiles nothing itself, is replaced by its references. */
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
    return [{ verdict: 'wrong', summary: `Cannot read ${name}`, details: [config.message], help: 'fix the file' }];
  }
  const findings = rules.flatMap((rule) => rule(config.compilerOptions ?? {}, name));
  if (findings.some(({ verdict }) => verdict === 'wrong')) return findings;
  return [{ verdict: 'ok', summary: `${name} has the settings that components require` }, ...findings];
}

/** One rule per setting. Each returns the finding about its setting, if any. */
const rules: ReadonlyArray<(options: Options, file: string) => Finding[]> = [
  ({ experimentalDecorators }, file) =>
    experimentalDecorators === true
      ? []
      : [
          {
            verdict: 'wrong',
            summary: `${file} does not set "experimentalDecorators"`,
            details: ['only legacy decorators support parameters, which @inject() requires'],
            help: `${extendsFix}, or set "experimentalDecorators": true`,
          },
        ],
  ({ useDefineForClassFields, target = '' }, file) =>
    (useDefineForClassFields ?? definesFields.test(target))
      ? [
          {
            verdict: 'wrong',
            summary: `${file} does not set "useDefineForClassFields" to false`,
            details: ['fields such as `@inject(Mailer) readonly mailer!: Mailer` then overwrite the injected values'],
            help: `${extendsFix}, or set "useDefineForClassFields": false`,
          },
        ]
      : [],
  ({ target = '' }, file) =>
    /^es[35]$/i.test(target)
      ? [
          {
            verdict: 'wrong',
            summary: `${file} has "target": "${target}"`,
            details: ['components extend a class of the runtime, and compiled functions cannot extend a class'],
            help: `${extendsFix}, or set "target": "es2022"`,
          },
        ]
      : [],
  ({ module = '' }, file) =>
    /^(commonjs|amd|umd|system|none)$/i.test(module)
      ? [
          {
            verdict: 'wrong',
            summary: `${file} has "module": "${module}"`,
            details: ['applications must be ES modules'],
            help: `${extendsFix}, or set "module": "nodenext"`,
          },
        ]
      : [],
  ({ moduleResolution = '' }, file) =>
    /^(node|node10)$/i.test(moduleResolution)
      ? [
          {
            verdict: 'wrong',
            summary: `${file} has "moduleResolution": "${moduleResolution}"`,
            details: [
              'this resolution ignores the "exports" of packages, so it does not find the types of @asphalt/core',
            ],
            help: `${extendsFix}, or set "moduleResolution": "nodenext"`,
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
            details: ['the compiler then does not check that code handles absent optional needs'],
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
              "@checked() reads types from this metadata if it has no schemas, and inversify's @injectable() if there is no @inject()",
            ],
          },
        ],
];

/** Targets with native class fields, for which the compiler defines fields by default. */
const definesFields = /^(es202[2-9]|es20[3-9]\d|esnext)$/i;
