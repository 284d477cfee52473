import { distance } from 'fastest-levenshtein';

/** The candidates that a person may have meant by `word`, nearest first; empty when none is near. */
export function nearMisses(word: string, candidates: Iterable<string>, most = 3): string[] {
  const wanted = word.toLowerCase();
  const limit = wanted.length <= 3 ? 1 : Math.max(2, Math.floor(wanted.length / 3));
  return (
    [...new Set(candidates)]
      // Every letter more or less is an edit, and lengths are compared faster than letters.
      .filter((candidate) => candidate !== word && Math.abs(candidate.length - word.length) <= limit)
      .map((candidate) => ({ candidate, edits: distance(wanted, candidate.toLowerCase()) }))
      .filter(({ edits }) => edits <= limit)
      .sort((a, b) => a.edits - b.edits || a.candidate.localeCompare(b.candidate))
      .slice(0, most)
      .map(({ candidate }) => candidate)
  );
}
