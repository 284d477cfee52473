/**
 * A small module that records how its decorators are called. The doctor has each compiler compile it, because settings
 * alone do not show how a compiler treats decorators.
 */
export const probeSource = `
const calls: string[] = [];
function probe(_target: object, key?: unknown, index?: unknown): void {
  calls.push(typeof key === 'object' ? 'standard' : typeof index === 'number' ? 'parameter' : 'legacy');
}
class Probed {
  @probe readonly field!: string;
  method(@probe value: string): string { return value; }
}
export const asphaltProbe = { calls, defines: Object.hasOwn(new Probed(), 'field') };
`;

/** Returns the fault of a compiled probe as a predicate, such as "ignores decorators"; undefined if it has none. */
export function judgeProbe(module: object): string | undefined {
  const { calls, defines } = (module as { asphaltProbe: { calls: readonly string[]; defines: boolean } }).asphaltProbe;
  if (calls.includes('standard')) return 'compiles standard decorators, which do not support parameters';
  if (!calls.includes('legacy') || !calls.includes('parameter')) return 'ignores decorators';
  return defines ? 'redefines fields and so overwrites injected values' : undefined;
}
