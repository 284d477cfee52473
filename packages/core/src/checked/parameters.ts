/**
 * Reads the parameters of a function from its source: their names, for messages, and whether one is a rest parameter.
 */

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
