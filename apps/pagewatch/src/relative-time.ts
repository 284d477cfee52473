/** Formats relative times. `public/pagewatch.js` refreshes them in the browser and must use the same words. */
import { html } from 'hono/html';
import type { Html } from './diff-html.ts';

/** Formats a time relative to now: "12 s ago", "in 3 min", "just now". */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.round(Math.abs(at - now) / 1000);
  if (seconds < 1) return at <= now ? 'just now' : 'now';
  const span = timeSpan(seconds);
  return at < now ? `${span} ago` : `in ${span}`;
}

function timeSpan(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  const days = Math.floor(seconds / 86_400);
  return `${days} ${days === 1 ? 'day' : 'days'}`;
}

export function timeElement(at: number, now: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}" title="${iso.slice(0, 19).replace('T', ' ')} UTC" data-relative
    >${relativeTime(at, now)}</time
  >`;
}
