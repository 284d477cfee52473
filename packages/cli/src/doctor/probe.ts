/**
 * Whether a compiler treats decorators as components need them is not read from its settings but tried: it compiles
 * this small module, which notes how its decorators are called.
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

/** @returns what is wrong with what came out of the compiler; undefined if nothing is */
export function judgeProbe(module: object): string | undefined {
  const { calls, defines } = (module as { asphaltProbe: { calls: readonly string[]; defines: boolean } }).asphaltProbe;
  if (calls.includes('standard')) return 'compiles decorators as standard ones, which cannot stand on parameters';
  if (!calls.includes('legacy') || !calls.includes('parameter')) return 'leaves decorators out';
  return defines ? 'defines fields anew, over what is injected' : undefined;
}
