import { expect, test } from 'vitest';
import { demoPages } from '../src/demo-pages.ts';
import { diffTexts } from '../src/diff.ts';
import { readableText } from '../src/readable-text.ts';

const seed = 7;
const paths = Object.keys(demoPages);
const read = (path: string, tick: number): string => readableText(demoPages[path]!(seed, tick).html, 'text/html');

test('a page depends only on the seed and the tick', () => {
  for (const path of paths) {
    expect(demoPages[path]!(seed, 40)).toEqual(demoPages[path]!(seed, 40));
    expect(demoPages[path]!(seed, 40)).not.toEqual(demoPages[path]!(seed + 1, 40));
  }
});

test('release notes grow by a line or a release with every tick within a series', () => {
  for (let tick = 61; tick < 120; tick += 1) {
    const { added, removed } = diffTexts(read('/releases', tick - 1), read('/releases', tick));
    expect([added, removed]).toEqual([tick % 3 === 0 ? 2 : 1, 0]);
  }
  expect(read('/releases', 120).split('\n')).toHaveLength(3);
});

test.each(paths)('%s changes in small steps', (path) => {
  let changes = 0;
  for (let tick = 1001; tick < 1041; tick += 1) {
    const { added } = diffTexts(read(path, tick - 1), read(path, tick));
    if (added > 0) changes += 1;
    expect(added).toBeLessThan(10);
  }
  expect(changes).toBeGreaterThan(5);
});

test('the status page is down in three of 16 ticks', () => {
  const statuses = Array.from({ length: 16 }, (_, tick) => demoPages['/status']!(seed, tick).status);
  expect(statuses.filter((status) => status === 503)).toHaveLength(3);
});

test('the pages have readable text', () => {
  expect(read('/releases', 4)).toMatchInlineSnapshot(`
    "Meridian release notes
    Meridian 1.1
    • Fixed links that lost their anchors
    • Tables can be sorted by two columns
    Meridian 1.0
    • Faster start: 340 ms instead of 910 ms
    • Dark mode follows the system at last
    • The calendar shows week numbers"
  `);
  expect(read('/prices', 4)).toMatchInlineSnapshot(`
    "Harbour Coffee price list
    Prices include VAT.
    Article | Price | Stock
    Espresso Forte, 1 kg | € 17.00 | in stock
    Filter Blend, 500 g | € 12.10 | in stock
    Decaf Sierra, 250 g | € 7.40 | sold out
    Green Sencha, 100 g | € 5.90 | in stock
    Earl Grey, 100 g | € 5.25 | in stock
    Paper filters, 100 pieces | € 3.80 | only 1 left
    Orders before noon leave the same day."
  `);
  expect(read('/status', 4)).toMatchInlineSnapshot(`
    "Northwind status
    All systems operational
    • Web: operational
    • API: operational
    • Sign-in: operational
    • Search: operational
    • Mail delivery: operational
    • Backups: operational"
  `);
});
