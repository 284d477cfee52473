/** Renders a description as the modules of a project: `app.ts` with the root component, `parts.ts` and their shared module. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { classSource, lines, sharedOptions } from './class-source.ts';
import { aliasesOf, rootIndex, type ComponentType, type Description } from './description.ts';

const diary = readFileSync(fileURLToPath(new URL('project/diary.ts', import.meta.url)), 'utf8');

/** Returns the modules by their names. */
export function sourcesOf(description: Description): Readonly<Record<string, string>> {
  const { types } = description;
  const first = firstApart(description);
  const classes = (isWanted: (index: number) => boolean): string =>
    joinClasses(
      types
        .filter(({ index }) => isWanted(index))
        .map((type) => typeSource(type, description))
        .reverse(),
    );
  const imported = types.filter(({ index }) => index >= first).flatMap(exportsOf);
  return {
    'diary.ts': diary,
    'tokens.ts': lines([
      `import { token } from '@asphalt/core';`,
      ...types.flatMap(({ index }) => [`${index}`, `${index}Twin`]).map(tokenSource),
    ]),
    'parts.ts': lines([...imports, classes((index) => index >= first)]),
    'app.ts': lines([
      ...imports,
      imported.length > 0 ? `import { ${imported.join(', ')} } from './parts.ts';` : undefined,
      classes((index) => index < first),
      rootSource(description),
    ]),
  };
}

/** Returns the lowest number of a class in `parts.ts`, which also contains all classes with higher numbers. */
function firstApart({ types }: Description): number {
  return types.find(({ isApart }) => isApart)?.index ?? types.length;
}

/** Returns the reference to a class of a type, as a configuration contains it. */
export function referenceTo(description: Description, index: number, kind: 'Part' | 'Twin' | 'Other'): string {
  return `./${index >= firstApart(description) ? 'parts' : 'app'}.ts:${kind}${index}`;
}

const imports = [
  `import { Application, child, CliComponent, component, Component, fromConfig, health } from '@asphalt/core';`,
  `import { inject, injectAll, on, onAll, provides, task } from '@asphalt/core';`,
  `import * as diary from './diary.ts';`,
  `import * as tokens from './tokens.ts';`,
  `const { fail, hang, nameOf, note, optionsOf, stall, turns, valueOf } = diary;`,
  // A class of the same name is in both modules, which a bundle has to rename.
  `class Failing { raise(part, what) { fail(part, what); } }`,
];

function tokenSource(name: string): string {
  return `export const Value${name} = token('Value${name}');`;
}

function exportsOf({ index, layout }: ComponentType): string[] {
  return [`Part${index}`, ...(layout === 'twin' ? [`Twin${index}`] : [])];
}

interface ClassText {
  readonly text: string;
  readonly isLine: boolean;
}

/** Puts neighbors of the layout `line` on one line. */
function joinClasses(classes: readonly ClassText[]): string {
  let text = '';
  let wasLine = false;
  for (const { text: each, isLine } of classes) {
    text += `${isLine && wasLine ? ' ' : '\n'}${isLine ? each.replaceAll(/\s*\n\s*/g, ' ') : each}`;
    wasLine = isLine;
  }
  return text;
}

/** Returns the classes of one type, and a class without needs that a configuration can use in its place. */
function typeSource(type: ComponentType, description: Description): ClassText {
  const { index, layout } = type;
  const id = `tokens.Value${index}`;
  const other = `@component({ config: optionsOf(${index}, 'default') })
export class Other${index} extends Component {
  @provides(${id})
  value() { note(this, 'provide other'); return valueOf(this); }
}`;
  if (layout !== 'twin') {
    const own = classSource(`Part${index}`, id, type, description);
    return { text: `${own.replace(/^class Part/m, 'export class Part')}\n${other}`, isLine: layout === 'line' };
  }
  const twins = `const makeTwin${index} = (id) => {
${classSource(`Made${index}`, 'id', type, description)}
return Made${index};
};
export const Part${index} = makeTwin${index}(${id});
export const Twin${index} = makeTwin${index}(${id}Twin);`;
  return { text: `${twins}\n${other}`, isLine: false };
}

/** Returns the root component, which ends the application. */
function rootSource(description: Description): string {
  const { ending, isObserved } = description;
  const { kind, code, turns } = ending;
  const operations = ending.operations.flatMap(({ kind: operation, type: number }) => {
    const { index, names } = description.types[number % description.types.length]!;
    const path = aliasesOf(description, index, names[0]!).join('.');
    return [
      `await diary.operate(this.application, this.logger, { kind: '${operation}', path: ${JSON.stringify(path)} });`,
    ];
  });
  const statements = [`note(this, 'run');`, `await turns(${kind === 'signal' ? turns + 40 : turns});`, ...operations];
  const endings = {
    run: `return ${code};`,
    stop: `diary.stop(this.application, this.logger, ${code});`,
    error: `diary.stop(this.application, this.logger, new Error('the end'));`,
    crash: `fail(this, 'run');`,
    signal: `process.kill(process.pid, 'SIGTERM'); await hang(abort);`,
    stopDuringStart: `diary.stop(this.application, this.logger, ${code});`,
  };
  return lines([
    '',
    `@component({ ${sharedOptions(rootIndex, description).join(', ')} })`,
    `export class App extends ${kind === 'run' ? 'CliComponent' : 'Component'} {`,
    '  constructor(@inject(Application) readonly application) {',
    '    super();',
    isObserved ? '    diary.observe(application, this.logger);' : undefined,
    `    note(this, 'construct');`,
    kind === 'stopDuringStart'
      ? `    void diary.stopAfter(${turns}, application, this.logger, ${code % 2 === 0 ? 'undefined' : `new Error('the end')`});`
      : undefined,
    '  }',
    kind === 'run' ? undefined : '  @task()',
    '  async run(abort: AbortSignal) {',
    ...[...statements, endings[kind]].map((statement) => `    ${statement}`),
    '  }',
    '}',
  ]);
}
