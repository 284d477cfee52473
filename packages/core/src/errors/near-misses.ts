import { distance } from 'fastest-levenshtein';

/** Returns the candidates that a user may have meant by `word`, nearest first; empty if none is near. */
export function nearMisses(word: string, candidates: Iterable<string>, most = 3): string[] {
  const wanted = word.toLowerCase();
  const limit = wanted.length <= 3 ? 1 : Math.max(2, Math.floor(wanted.length / 3));
  return (
    [...new Set(candidates)]
      // A difference in length is a lower bound of the edit distance.
      .filter((candidate) => candidate !== word && Math.abs(candidate.length - word.length) <= limit)
      .map((candidate) => ({ candidate, edits: distance(wanted, candidate.toLowerCase()) }))
      .filter(({ edits }) => edits <= limit)
      .sort((a, b) => a.edits - b.edits || a.candidate.localeCompare(b.candidate))
      .slice(0, most)
      .map(({ candidate }) => candidate)
  );
}
