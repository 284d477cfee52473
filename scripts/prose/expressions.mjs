// The expressions of docs/writing.md that a machine can find, one per row of its table, in the same order.
// They find about two thirds of the mannerisms; reviewers find the rest.

/** Each row: the words to avoid, the expression that finds them, and a sentence with an instance. */
export const rows = [
  {
    avoid: 'is told, tells, hears of',
    expression: /\b(is|are|was|were|be|been|being|gets?) told\b|\btells?\b|\bhears? of\b/giu,
    example: 'The parent is told when a child closes.',
  },
  {
    avoid: 'whoever, nobody, somebody, those who',
    expression: /\b(whoever|whomever|nobody|somebody|those who)\b/giu,
    example: 'Whoever called this gets on first.',
  },
  {
    avoid: 'what it needs, what came since, what is wrong',
    expression: /\bwhat (it|they|he|she|is|are|was|were|has|have|had|came|comes|can|must|may)\b(?![^.!?]*\?)/giu,
    example: 'Returns what it needs.',
  },
  {
    avoid: 'says, said, unless said',
    expression: /\b(says|said|unless said)\b/giu,
    example: 'The option says how long to wait.',
  },
  {
    avoid: 'stands in / for / beside',
    expression: /\b(stands?|stood|standing) (in|for|beside|at|on|there)\b/giu,
    example: 'The key stands for every schema.',
  },
  {
    avoid: 'begins, goes on, gets on, is given up',
    expression: /\b(begins?|began|begun)\b|\b(goes|go|went|gets?|got) on\b|\bgiven up\b|\bgives? up\b/giu,
    example: 'The start goes on without it.',
  },
  {
    avoid: 'gives, makes (a value), has it made',
    expression: /\b(gives|gave)\b|\bmakes (a|an|the|it|one|its|no)\b|\b(has|have|had) (it|them|one) made\b/giu,
    example: 'The provider gives a value.',
  },
  {
    avoid: 'anew, nevertheless, meanwhile, beforehand',
    expression: /\b(anew|nevertheless|meanwhile|beforehand)\b/giu,
    example: 'The component is constructed anew.',
  },
  {
    avoid: 'mend, remedy, heed, wish, for (= because)',
    expression:
      /\b(mend(s|ed|ing)?|remed(y|ies|ied)|heed(s|ed|ing)?|wish(es|ed)?)\b|, for (it|he|they|there|nothing|nobody)\b/giu,
    example: 'The help names the remedy.',
  },
  {
    avoid: 'take back, the way back',
    expression: /\b(take|takes|took|taken|taking) (\w+ )?back\b|\bways? back\b/giu,
    example: 'Steps are taken back in reverse.',
  },
  {
    avoid: 'there is none; of which; by then',
    expression: /\bthere (is|are|was|were) none\b|\bof which\b|\bby then\b/giu,
    example: 'The name is empty if there is none.',
  },
  {
    avoid: 'perhaps, indeed, in the same breath',
    expression: /\b(perhaps|indeed|in the same breath)\b/giu,
    example: 'It is indeed closed.',
  },
];

/** Returns all mannerisms of a text in order, each with its index and its row. */
export function mannerisms(text) {
  return rows
    .flatMap(({ avoid, expression }) =>
      [...text.matchAll(expression)].map(({ index, 0: found }) => ({ index, found, avoid })),
    )
    .sort((a, b) => a.index - b.index);
}

export function countWords(text) {
  return text.match(/\p{L}[\p{L}\p{N}'’-]*/gu)?.length ?? 0;
}
