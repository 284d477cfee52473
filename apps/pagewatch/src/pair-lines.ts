/** Pairs each removed line with the added line that it became, so that their words can be compared. */

/** Lines with a lower similarity are different lines. */
const leastSimilarity = 0.35;
/** With more possible pairs, each line is compared only with the line at the same position. */
const mostPairs = 2_500;

/**
 * Returns, for each removed line, the index of the added line that it became, if any. Pairs never cross, and the sum of
 * their similarities is the highest possible.
 */
export function pairLines(removed: readonly string[], added: readonly string[]): ReadonlyArray<number | undefined> {
  const before = removed.map(wordsOf);
  const after = added.map(wordsOf);
  const similar = (row: number, column: number): number => {
    const score = similarity(before[row]!, after[column]!);
    return score < leastSimilarity ? 0 : score;
  };
  if (before.length * after.length > mostPairs) {
    return before.map((_, row) => (row < after.length && similar(row, row) > 0 ? row : undefined));
  }

  // best[row][column]: the highest sum of similarities of the lines from this row and column.
  const best = Array.from({ length: before.length + 1 }, () => Array.from({ length: after.length + 1 }, () => 0));
  const scores = before.map((_, row) => after.map((_unused, column) => similar(row, column)));
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const score = scores[row]![column]!;
      const paired = score > 0 ? score + best[row + 1]![column + 1]! : 0;
      best[row]![column] = Math.max(paired, best[row + 1]![column]!, best[row]![column + 1]!);
    }
  }

  const pairs = before.map((): number | undefined => undefined);
  for (let row = 0, column = 0; row < before.length && column < after.length;) {
    const score = scores[row]![column]!;
    if (score > 0 && best[row]![column] === score + best[row + 1]![column + 1]!) pairs[row++] = column++;
    else if (best[row]![column] === best[row + 1]![column]) row += 1;
    else column += 1;
  }
  return pairs;
}

function wordsOf(line: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of line.match(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Returns a number from 0 to 1: twice the number of common words, divided by the number of all words. */
function similarity(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  let common = 0;
  let total = 0;
  for (const [word, count] of before) {
    common += Math.min(count, after.get(word) ?? 0);
    total += count;
  }
  for (const count of after.values()) total += count;
  return total === 0 ? 0 : (2 * common) / total;
}
