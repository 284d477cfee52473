/**
 * Recognizes errors by which code reacts to its abort signal. Libraries reject with errors of their own, and callers wrap
 * them, so an error counts if it is the reason of the signal, is named as an abort, or consists of such errors.
 */

/** Names of the errors that libraries throw for an abort, such as `CanceledError` of HTTP clients. */
const names: ReadonlySet<unknown> = new Set(['AbortError', 'CanceledError', 'CancelledError']);

const codes: ReadonlySet<unknown> = new Set(['ABORT_ERR', 'ERR_CANCELED']);

/**
 * Returns whether an error is only a reaction to an abort, and not a failure. A value that is no object, such as a text,
 * describes no failure either.
 *
 * @param error - thrown after the signal was aborted
 * @param reason - the reason of the signal
 */
export function isAbortReaction(error: unknown, reason: unknown): boolean {
  return typeof error !== 'object' || consistsOfAborts(error, reason, new Set());
}

function consistsOfAborts(error: unknown, reason: unknown, seen: Set<unknown>): boolean {
  if (error === reason) return true;
  if (typeof error !== 'object' || error === null || seen.has(error)) return false;
  seen.add(error);
  const { name, code, cause, errors } = error as Partial<Record<'name' | 'code' | 'cause' | 'errors', unknown>>;
  if (names.has(name) || codes.has(code)) return true;
  if (Array.isArray(errors) && errors.length > 0) return errors.every((each) => consistsOfAborts(each, reason, seen));
  return consistsOfAborts(cause, reason, seen);
}
