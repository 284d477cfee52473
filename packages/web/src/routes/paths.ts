/** The paths of hono's routes, compared by segment. A parameter may match any segment. */

/** Sorts fixed segments before patterns, parameters, optional parameters and wildcards, as a text. */
export function specificity(path: string): string {
  return segmentsOf(path).map(rankOf).join('');
}

export function isWildcard(path: string): boolean {
  return path.endsWith('*');
}

/** Whether a path may match any number of segments. */
export function isOpen(path: string): boolean {
  return isWildcard(path) || path.includes('{');
}

/** Whether a request may match both paths. */
export function overlap(a: string, b: string): boolean {
  const [left, right] = [segmentsOf(a), segmentsOf(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [one, other] = [left[at], right[at]];
    if (one === undefined || other === undefined) return mayBeMissing(one ?? other!);
    const [rank, otherRank] = [Number(rankOf(one)), Number(rankOf(other))];
    if ((rank === 4 && at === left.length - 1) || (otherRank === 4 && at === right.length - 1)) return true;
    if (rank === 0 && otherRank === 0 && one !== other) return false;
    // A pattern may match several segments, and an optional parameter none.
    if ([1, 3].includes(rank) || [1, 3].includes(otherRank)) return true;
  }
  return true;
}

/** Whether a path with this segment matches a request without it, as `/api/*` and `/api/:id?` match `/api`. */
function mayBeMissing(segment: string): boolean {
  const pattern = /\{(.*)\}$/.exec(segment)?.[1];
  return (
    segment.endsWith('?') || rankOf(segment) === '4' || (pattern !== undefined && new RegExp(`^${pattern}$`).test(''))
  );
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function rankOf(segment: string): string {
  if (segment.startsWith(':') && segment.includes('{')) return '1';
  if (segment.includes('*')) return '4';
  if (!segment.startsWith(':')) return '0';
  return segment.endsWith('?') ? '3' : '2';
}
