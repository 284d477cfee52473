/** Finds the component that the blocking code belongs to, and the purpose of that code. */
import { readFileSync } from 'node:fs';
import { isOwn, type BlockingPlace } from './blocking-place.ts';
import type { DelayingComponent, StackFrame } from './delay.ts';
import type { RegisteredFunction } from './registered-functions.ts';

/** A component of the application, with the place of its decorator. */
export interface KnownComponent extends DelayingComponent {
  readonly place?: { readonly file: string; readonly line: number };
}

/**
 * Returns the component of the innermost call, from the blocking function outwards, that belongs to one. This is the component
 * that has passed the function to another, such as the handler of a route, or that is `this`, or else the component whose class
 * contains the code or is the only one in the file.
 *
 * The search ends at the first call of a package or of Node that called code of the program. The component beyond it calls
 * any code that was passed to it: a server calls the handlers of all components.
 */
export function blockingComponent(
  { place, stack, owners, functions }: BlockingPlace,
  components: readonly KnownComponent[],
  registered: ReadonlyMap<string, RegisteredFunction> = new Map(),
): DelayingComponent | undefined {
  let wasOwn = false;
  for (let index = place ? stack.indexOf(place) : 0; index < stack.length; index++) {
    const frame = stack[index]!;
    if (!isOwn(frame) && wasOwn) return undefined;
    wasOwn ||= isOwn(frame);
    const adder = registered.get(functions[index] ?? '')?.component;
    const added = adder === undefined ? undefined : components.find(({ path }) => path === adder);
    const component = added ?? owners[index] ?? componentAt(frame, components);
    if (component) return { path: component.path, type: component.type };
  }
  return undefined;
}

/** Returns the purpose of the innermost call that has one. */
export function blockingPurpose(
  { functions }: BlockingPlace,
  registered: ReadonlyMap<string, RegisteredFunction>,
): string | undefined {
  const calls = functions.map((key) => registered.get(key)?.purpose);
  return calls.find((purpose) => purpose !== undefined);
}

function componentAt(frame: StackFrame, components: readonly KnownComponent[]): DelayingComponent | undefined {
  const inFile = components.filter(({ place }) => place?.file === frame.file);
  if (inFile.length < 2) return inFile[0];
  const lines = linesOf(frame.file);
  const around = inFile.filter(
    ({ place }) => place!.line <= frame.line && frame.line <= endOfClass(lines, place!.line),
  );
  return around.length === 1 ? around[0] : undefined;
}

/**
 * Returns the last line of a decorated class: a brace with the indentation of the decorator. Returns 0 if the line has no
 * decorator, as in compiled code.
 */
function endOfClass(lines: readonly string[], decoratorLine: number): number {
  const [, indentation] = /^(\s*)@/.exec(lines[decoratorLine - 1] ?? '') ?? [];
  if (indentation === undefined) return 0;
  return lines.findIndex((line, index) => index >= decoratorLine && line.trimEnd() === `${indentation}}`) + 1;
}

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    // Only the source map knows this file.
    return [];
  }
}
