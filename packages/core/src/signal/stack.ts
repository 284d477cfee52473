/** Measures the call stack, so that errors of endless recursion can be reported. */

/** The number of calls that a report must be able to nest. They take about a tenth of the stack. */
const reserve = 800;

/** Returns whether the stack has room for a report, which calls code of the application. */
export function hasStack(): boolean {
  try {
    return nest(reserve) === reserve;
  } catch {
    return false;
  }
}

/** Adds after the call, so that no engine turns the recursion into a loop. */
function nest(levels: number): number {
  return levels === 0 ? 0 : nest(levels - 1) + 1;
}

/** Returns whether an error is the one that an engine throws at the end of the stack. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.startsWith('Maximum call stack size exceeded');
}
