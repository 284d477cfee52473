/**
 * Reads the parameters of a method: from its source their names, for messages, and whether one is a rest parameter; from
 * the metadata of decorators the types that a compiler emits.
 */
// Compilers emit types only if it is loaded before the decorated class. Copies of it share their records.
import 'reflect-metadata';

export interface Parameter {
  /** Undefined for a parameter without a name, such as a destructuring pattern. */
  readonly name: string | undefined;
  readonly isRest: boolean;
}

export function parametersOf(method: object): Parameter[] {
  const source = Function.prototype.toString.call(method);
  const start = source.indexOf('(');
  if (start === -1) return [];
  const parameters: Parameter[] = [];
  let depth = 0;
  let from = start + 1;
  const take = (to: number): void => {
    const text = source.slice(from, to).trim();
    from = to + 1;
    if (text === '') return;
    const [, dots, name] = /^(\.\.\.)?([\p{ID_Start}$_][\p{ID_Continue}$]*)?/u.exec(text)!;
    parameters.push({ name, isRest: dots !== undefined });
  };
  for (let at = start + 1; at < source.length; at++) {
    const character = source[at]!;
    if (`'"\``.includes(character)) at = endOfText(source, at);
    else if ('([{'.includes(character)) depth++;
    else if (character === ',' && depth === 0) take(at);
    else if (')]}'.includes(character) && depth-- === 0) {
      take(at);
      break;
    }
  }
  return parameters;
}

/** Returns the end of the string literal that starts at an offset. */
function endOfText(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === source[start]) return at;
  }
  return source.length;
}

export interface EmittedTypes {
  readonly parameters: readonly unknown[];
  readonly result: unknown;
}

/** Returns the types emitted for a method; undefined if none were emitted. */
export function emittedTypes(target: object, member: PropertyKey): EmittedTypes | undefined {
  const key = member as string | symbol;
  const parameters = Reflect.getOwnMetadata('design:paramtypes', target, key) as readonly unknown[] | undefined;
  return parameters && { parameters, result: Reflect.getOwnMetadata('design:returntype', target, key) };
}
