import { html } from 'hono/html';
import { diffHtml, type Html } from './diff-html.ts';
import { summarize } from './diff.ts';
import type { Change } from './history.ts';
import { timeElement } from './relative-time.ts';

/** Renders a change with its diff, as an entry of a feed. */
export function changeEntry({ id, page, at, diff }: Change, now: number): Html {
  const { added, removed } = diff;
  return html`<article class="entry" id="change-${id}" data-id="${id}" data-page="${page.name}">
    <header>
      <h3><a href="/pages/${encodeURIComponent(page.name)}">${page.title}</a></h3>
      <span class="counts" title="${summarize(diff)}"
        >${added > 0 ? html`<span class="plus">+${added}</span>` : ''}
        ${removed > 0 ? html`<span class="minus">−${removed}</span>` : ''}</span
      >
      <a class="permalink" href="/changes/${id}">${timeElement(at, now)}</a>
    </header>
    ${diffHtml(diff)}
  </article>`;
}
