import { html } from 'hono/html';
import type { Html } from './diff-html.ts';
import type { Page, PageState } from './detector.ts';
import type { PageRecord } from './history.ts';
import { pulseChart } from './pulse.ts';
import { timeElement } from './relative-time.ts';

const statusWords: Readonly<Record<PageState['status'], string>> = { new: 'Waiting', ok: 'OK', failing: 'Failing' };

/** Renders a watched page with its state, as an entry of the list of pages. */
export function pageCard(page: Page, state: PageState | undefined, record: PageRecord | undefined, now: number): Html {
  const status = state?.status ?? 'gone';
  return html`<article class="card" id="page-${page.name}" data-status="${status}">
    <h3><a href="/pages/${encodeURIComponent(page.name)}">${page.title}</a></h3>
    <span class="badge">${state ? statusWords[state.status] : 'Not watched'}</span>
    <p class="address">${addressLink(page.url)}</p>
    <div class="activity">
      ${pulseChart(record?.pulse ?? [])}
      <p>${changesCount(record)}</p>
    </div>
    <p class="state">${firstLine(state, now)}</p>
    <p class="state">${secondLine(state, record, now)}</p>
  </article>`;
}

function changesCount(record: PageRecord | undefined): Html {
  const count = record?.changes ?? 0;
  return html`<strong>${count.toLocaleString('en')}</strong> ${count === 1 ? 'change' : 'changes'}`;
}

function firstLine(state: PageState | undefined, now: number): Html {
  if (state === undefined) return html`No longer in the configuration`;
  if (state.lastCheckAt === undefined) return html`First check is under way`;
  if (state.status === 'failing') {
    return html`<span class="reason" title="It ${state.reason}">It ${state.reason}</span>`;
  }
  return html`Checked ${timeElement(state.lastCheckAt, now)}, next ${timeElement(state.nextCheckAt ?? now, now)}`;
}

function secondLine(state: PageState | undefined, record: PageRecord | undefined, now: number): Html {
  if (state?.status === 'failing') return html`Next try ${timeElement(state.nextCheckAt ?? now, now)}`;
  if (record?.lastChangeAt === undefined) return html`No change yet`;
  return html`Last change ${timeElement(record.lastChangeAt, now)}`;
}

/** Renders the address of the page. Links it only if it leads to the web. */
function addressLink(url: string): Html {
  const shown = url.replace(/^https?:\/\//i, '').replace(/\/$/, '');
  if (!/^https?:/i.test(url)) return html`${shown}`;
  return html`<a href="${url}" rel="noopener noreferrer" target="_blank">${shown}</a>`;
}
