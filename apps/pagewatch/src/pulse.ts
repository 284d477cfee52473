import { html, raw } from 'hono/html';
import type { Html } from './diff-html.ts';
import type { PageRecord } from './history.ts';

const places = 24;
const pitch = 6;
const middle = 13;

/** Renders a small chart of the latest changes: added lines upwards, removed ones downwards. */
export function pulseChart(pulse: PageRecord['pulse']): Html {
  const bars = pulse.map(({ added, removed }, index) => {
    const x = (places - pulse.length + index) * pitch;
    return [bar('up', x, middle - 1 - height(added), height(added)), bar('down', x, middle + 1, height(removed))];
  });
  const free = (places - pulse.length) * pitch;
  const base = free > 0 ? html`<path class="rest" d="M0 ${middle}H${free - 2}" stroke-dasharray="4 2" />` : '';
  return html`<svg class="pulse" viewBox="0 0 ${places * pitch - 2} ${middle * 2}" aria-hidden="true">
    ${base}${bars}
  </svg>`;
}

/** Returns the height of a bar. The scale is logarithmic, so that small changes stay visible next to large ones. */
function height(lines: number): number {
  return lines === 0 ? 0 : Math.min(middle - 1, Math.round(3 + 2.6 * Math.log2(lines)));
}

function bar(kind: 'up' | 'down', x: number, y: number, size: number): Html | '' {
  return size === 0 ? '' : html`${raw(`<rect class="${kind}" x="${x}" y="${y}" width="4" height="${size}" rx="1"/>`)}`;
}
