/**
 * A plugin of the bundler that writes the places of decorators into the code: `inject(Service)` becomes
 * `at(inject, file, 12, 3)(Service)`. A built application then need not capture a stack frame for each of them.
 */
import { relative, sep } from 'node:path';
import type { Plugin, TransformResult } from 'rolldown';
import { placeModule, type CodeTools } from './asset-modules.ts';

/** The decorators of `@asphalt/core` that record where they were used. */
const decorators = new Set(['component', 'inject', 'injectAll', 'provides', 'on', 'onAll', 'task', 'health']);

/** @param target - the built folder */
export function recordedPlaces(tools: CodeTools, target: string): Plugin {
  return {
    name: 'asphalt:places',
    transform: {
      filter: { code: '@asphalt/core' },
      handler: (code, id) => (id.startsWith('\0') ? undefined : withPlaces(code, id, tools, target)),
    },
  };
}

function withPlaces(code: string, file: string, { parse, MagicString }: CodeTools, target: string): TransformResult {
  const program = parse(file, code).program as Node;
  const imported = importedDecorators(program);
  const calls = imported.size === 0 ? [] : callsOf(imported, program);
  if (calls.length === 0) return undefined;
  const text = new MagicString(code);
  const lines = new Lines(code);
  for (const { callee, decorator } of calls) {
    const { line, column } = lines.placeOf(callee.start);
    text.update(callee.start, callee.end, `asphaltAt(${callee.name}, asphaltFile, ${line}, ${column})`);
    if (!decorator) continue;
    // A decorator without parentheses must not call the result of a call.
    text.appendRight(decorator.start, '(');
    text.appendLeft(decorator.end, ')');
  }
  const source = JSON.stringify(relative(target, file).split(sep).join('/'));
  text.append(
    [
      `\nimport { at as asphaltAt } from '@asphalt/core/built';`,
      `import { url as asphaltBundle } from '${placeModule}';`,
      `import { fileURLToPath as asphaltPath } from 'node:url';`,
      `function asphaltFile() { return asphaltPath(new URL(${source}, asphaltBundle)); }\n`,
    ].join(' '),
  );
  return { code: text.toString(), map: text.generateMap({ source: file, hires: true }).toString() };
}

/** The used part of a node in a syntax tree. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly name?: string;
  readonly body?: readonly Node[];
  readonly source?: { readonly value?: unknown };
  readonly specifiers?: ReadonlyArray<{ readonly imported?: Node; readonly local: Node }>;
  readonly callee?: Node;
}

/** Returns the names that a module gives to the decorators. */
function importedDecorators({ body = [] }: Node): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { type, source, specifiers = [] } of body) {
    if (type !== 'ImportDeclaration' || source?.value !== '@asphalt/core') continue;
    for (const { imported, local } of specifiers) if (decorators.has(imported?.name ?? '')) names.add(local.name!);
  }
  return names;
}

interface DecoratorCall {
  readonly callee: Node;
  /** The call, if it is the expression of a decorator. Compiled code calls a function instead. */
  readonly decorator: Node | undefined;
}

function callsOf(names: ReadonlySet<string>, program: Node): DecoratorCall[] {
  const calls: DecoratorCall[] = [];
  const visit = (node: unknown, parent?: Node): void => {
    if (Array.isArray(node)) {
      for (const each of node) visit(each, parent);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const at = node as Node;
    const { type, callee } = at;
    if (type === 'CallExpression' && callee?.type === 'Identifier' && names.has(callee.name!))
      calls.push({ callee, decorator: parent?.type === 'Decorator' ? at : undefined });
    for (const inner of Object.values(node)) visit(inner, at);
  };
  visit(program);
  return calls;
}

/** The lines of a text. */
class Lines {
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  }

  /** Returns the line and the column of an offset; both start at 1. */
  placeOf(offset: number): { readonly line: number; readonly column: number } {
    let low = 0;
    for (let high = this.#starts.length; high - low > 1;) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - this.#starts[low]! + 1 };
  }
}
