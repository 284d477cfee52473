/**
 * The pages of the demo site. They are pure functions of a seed and a tick, so that tests, restarts and several browsers
 * see the same pages. They change like real pages: notes grow, prices vary, a service is down from time to time.
 */
import { createHash } from 'node:crypto';

export interface DemoPage {
  readonly status: 200 | 503;
  readonly html: string;
}

/** The pages of the demo site, by path. */
export const demoPages: Readonly<Record<string, (seed: number, tick: number) => DemoPage>> = {
  '/releases': releases,
  '/prices': prices,
  '/status': status,
};

const notes = [
  'Search finds words across hyphens',
  'Exports keep the order of columns',
  'Dark mode follows the system at last',
  'Imports of large files no longer block the window',
  'Keyboard shortcuts can be rebound',
  'Attachments open twice as fast',
  'The calendar shows week numbers',
  'Undo reaches back across sessions',
  'Notifications are grouped by project',
  'Fixed a crash when the clock was set back',
  'Fixed links that lost their anchors',
  'Fixed a leak in the preview pane',
  'Shared views can be read without an account',
  'Faster start: 340 ms instead of 910 ms',
  'Tables can be sorted by two columns',
];
const products = [
  ['Espresso Forte, 1 kg', 1890],
  ['Filter Blend, 500 g', 1090],
  ['Decaf Sierra, 250 g', 740],
  ['Green Sencha, 100 g', 620],
  ['Earl Grey, 100 g', 560],
  ['Paper filters, 100 pieces', 390],
] as const;
const services = ['Web', 'API', 'Sign-in', 'Search', 'Mail delivery', 'Backups'];
const conditions = ['degraded performance', 'partial outage', 'under maintenance'];

/** The number of ticks of a release. A release starts with one note, and each further tick adds one. */
const releaseLength = 3;
/** The number of releases of a series. The page then starts again with a new series. */
const seriesLength = 20;

function releases(seed: number, tick: number): DemoPage {
  const newest = Math.floor(tick / releaseLength);
  const series = Math.floor(newest / seriesLength);
  const oldest = series * seriesLength;
  const sections = Array.from({ length: newest - oldest + 1 }, (_, age) => newest - age).map((release) => {
    const count = release === newest ? 1 + (tick % releaseLength) : releaseLength;
    // Use all notes in turn, so that neighboring releases have different notes.
    const first = seed + release * releaseLength;
    const items = Array.from({ length: count }, (_, index) => notes[((first + index) * 4) % notes.length]!);
    return `<h2>Meridian ${1 + (series % 40)}.${release - oldest}</h2>
<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`;
  });
  return ok('Meridian release notes', sections.join('\n'));
}

function prices(seed: number, tick: number): DemoPage {
  const day = Math.floor(tick / 2);
  const rows = products.map(([product, base], index) => {
    const changedOn = lastChange(seed, index, day);
    const cents = Math.round((base * (88 + chance(25, seed, 'price', index, changedOn))) / 100 / 5) * 5;
    const left = chance(14, seed, 'stock', index, changedOn);
    const stock = left === 0 ? 'sold out' : left < 4 ? `only ${left} left` : 'in stock';
    return `<tr><td>${product}</td><td>€ ${(cents / 100).toFixed(2)}</td><td>${stock}</td></tr>`;
  });
  const table = `<table><tr><th>Article</th><th>Price</th><th>Stock</th></tr>${rows.join('')}</table>`;
  return ok(
    'Harbour Coffee price list',
    `<p>Prices include VAT.</p>${table}<p>Orders before noon leave the same day.</p>`,
  );
}

/** Returns the last day on which the price of an article changed. Each day, about every fifth price changes. */
function lastChange(seed: number, article: number, day: number): number {
  let changedOn = day;
  while (changedOn > day - 60 && chance(5, seed, 'move', article, changedOn) > 0) changedOn -= 1;
  return changedOn;
}

function status(seed: number, tick: number): DemoPage {
  // The status page itself is down in three of 16 ticks.
  if (tick % 16 >= 13) return { status: 503, html: frame('Northwind status', '<p>Back in a moment.</p>') };
  const hour = Math.floor(tick / 4);
  const troubled = services.map((_, index) => chance(5, seed, 'trouble', index, hour) === 0);
  const items = services.map((service, index) => {
    const condition = troubled[index]
      ? conditions[chance(conditions.length, seed, 'condition', index, hour)]
      : 'operational';
    return `<li>${service}: ${condition}</li>`;
  });
  const count = troubled.filter(Boolean).length;
  const headline =
    count === 0
      ? 'All systems operational'
      : `${count} of ${services.length} systems ${count === 1 ? 'needs' : 'need'} attention`;
  return ok('Northwind status', `<p>${headline}</p><ul>${items.join('')}</ul>`);
}

function ok(title: string, body: string): DemoPage {
  return { status: 200, html: frame(title, body) };
}

function frame(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:42em;margin:3em auto;padding:0 1em}td,th{padding:.2em 1.5em .2em 0;text-align:left}</style></head>
<body><h1>${title}</h1>
${body}
</body></html>
`;
}

/** Returns a pseudorandom number from 0 up to a limit that depends only on the arguments. */
function chance(limit: number, ...of: ReadonlyArray<string | number>): number {
  return createHash('sha256').update(of.join(' ')).digest().readUInt32LE() % limit;
}
