/** Renders the pages of the web site, without the frame around them. */
import { html } from 'hono/html';
import { changeEntry } from './change-entry.ts';
import type { PageState } from './detector.ts';
import type { Html } from './diff-html.ts';
import type { Change, PageRecord } from './history.ts';
import { pageCard } from './page-card.ts';
import type { Page } from './detector.ts';

/** A page in the list, with its state if it is watched, and its record if it has been read. */
export interface ListedPage {
  readonly page: Page;
  readonly state: PageState | undefined;
  readonly record: PageRecord | undefined;
}

export interface Feed {
  readonly changes: readonly Change[];
  /** The path of the list of older changes, if any exist. */
  readonly older: string | undefined;
  /** The only page for which the feed receives live updates; all pages by default. */
  readonly page?: string;
  /** Whether new changes are inserted at the top. */
  readonly live: boolean;
  readonly now: number;
}

export function overviewPage(pages: readonly ListedPage[], feed: Feed): Html {
  return html`<div class="columns">
    <section class="watched" aria-labelledby="watched">
      <h2 id="watched">Watched pages</h2>
      ${
        pages.length === 0
          ? empty('No page is watched', 'Add one to the configuration, such as page/news with its url.')
          : html`<ul class="cards">
              ${pages.map((listed) => html`<li>${card(listed, feed.now)}</li>`)}
            </ul>`
      }
    </section>
    <section class="changes" aria-labelledby="changes">
      <h2 id="changes">Changes</h2>
      ${feedList(feed)}
    </section>
  </div>`;
}

export function historyPage(listed: ListedPage, feed: Feed): Html {
  return html`<h1 class="spoken">${listed.page.title}</h1>
    <div class="columns">
      <section class="watched" aria-label="Page">
        ${backLink()}
        <div class="cards">${card(listed, feed.now)}</div>
      </section>
      <section class="changes" aria-labelledby="changes">
        <h2 id="changes">History</h2>
        ${feedList(feed)}
      </section>
    </div>`;
}

export function changePage(change: Change, now: number): Html {
  return html`<div class="single">
    ${backLink()}
    <h1 class="spoken">Change of ${change.page.title}</h1>
    ${changeEntry(change, now)}
  </div>`;
}

export function notFoundPage(): Html {
  return html`<div class="single">
    ${empty('Not found', 'The page or change is not in the history.')} ${backLink()}
  </div>`;
}

function backLink(): Html {
  return html`<p class="back"><a href="/">← All pages</a></p>`;
}

function card({ page, state, record }: ListedPage, now: number): Html {
  return pageCard(page, state, record, now);
}

function feedList({ changes, older, page, live, now }: Feed): Html {
  return html`<p class="spoken" id="announcer" role="status"></p>
    <button class="arrivals" id="arrivals" type="button" hidden></button>
    <div class="feed" ${live ? html` id="feed" data-page="${page ?? ''}"` : ''}>
      ${changes.map((change) => changeEntry(change, now))}
    </div>
    ${changes.length === 0 ? empty('No change yet', 'The first change of a page will appear here automatically.') : ''}
    ${older === undefined ? '' : html`<p class="older"><a href="${older}">Older changes</a></p>`}`;
}

function empty(title: string, text: string): Html {
  return html`<div class="empty">
    <p class="empty-title">${title}</p>
    <p>${text}</p>
  </div>`;
}
