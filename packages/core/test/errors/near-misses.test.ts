import { nearMisses } from '@asphalt/core/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test.each<[string, string[], string[]]>([
  ['prot', ['port', 'host', 'path'], ['port']],
  ['PORT', ['port'], ['port']],
  ['mailer', ['Mailer', 'mail', 'sql'], ['Mailer', 'mail']],
  ['databsae', ['database', 'databases'], ['database']],
  ['port', ['port'], []],
  ['port', [], []],
  ['', ['port'], []],
  ['timeout', ['url', 'path'], []],
  ['port', ['ports', 'ports'], ['ports']],
])('nearMisses() for %j among %j suggests %j', (word, candidates, near) => {
  expect(nearMisses(word, candidates)).toEqual(near);
});

test('nearMisses() suggests at most the given number, nearest first, independent of the order of the candidates', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
  fc.assert(
    fc.property(word, fc.array(word), fc.integer({ min: 1, max: 4 }), (wanted, candidates, most) => {
      const near = nearMisses(wanted, candidates, most);
      expect(near.length).toBeLessThanOrEqual(most);
      expect(new Set(near).size).toBe(near.length);
      expect(near).not.toContain(wanted);
      expect(nearMisses(wanted, candidates.toReversed(), most)).toEqual(near);
      expect(nearMisses(wanted, candidates, most + 1).slice(0, most)).toEqual(near);
    }),
  );
});
