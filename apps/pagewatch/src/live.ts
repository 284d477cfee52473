/**
 * The live stream: what a browser that shows the site has to hear of, as server-sent events.
 *
 * Signals only say that there is something to tell; the changes themselves are read from the history, after the last
 * one that the browser has. So nothing can fall between two connections, or between a page and its stream.
 */
import type { SSEStreamingApi } from 'hono/streaming';
import { merge } from 'rxjs';
import { changeEntry } from './change-entry.ts';
import type { Detector } from './detector.ts';
import { summarize } from './diff.ts';
import type { History } from './history.ts';
import { pageCard } from './page-card.ts';

export interface LiveSources {
  readonly history: History;
  readonly detectors: readonly Detector[];
}

const keepAliveMs = 15_000;
const reconnectMs = 1_000;
const batch = 20;

/** Writes events until the stream ends: every change after `cursor`, and the card of every page when it changes. */
export async function streamLive(
  stream: SSEStreamingApi,
  { history, detectors }: LiveSources,
  cursor: number,
): Promise<void> {
  const byName = new Map(detectors.map((detector) => [detector.page.name, detector]));
  // What the browser shows may be old: it gets all cards first.
  const stale = new Set(byName.keys());
  const bell = new Bell();
  const news = merge(history.recorded, ...detectors.flatMap((detector) => [detector.checked, detector.failed]));
  const subscription = news.subscribe(({ page }) => {
    stale.add(page.name);
    bell.ring();
  });
  stream.onAbort(() => bell.ring());
  try {
    await stream.write(`retry: ${reconnectMs}\n\n`);
    while (!stream.aborted) {
      const changes = await history.changesAfter(cursor, batch);
      for (const change of changes) {
        const entry = String(await changeEntry(change, Date.now()));
        const data = {
          id: change.id,
          page: change.page.name,
          title: change.page.title,
          summary: summarize(change.diff),
          html: entry,
        };
        await stream.writeSSE({ event: 'change', id: String(change.id), data: JSON.stringify(data) });
        cursor = change.id;
      }
      for (const name of stale) {
        stale.delete(name);
        const detector = byName.get(name);
        if (detector === undefined) continue;
        const card = await pageCard(detector.page, detector.state, await history.page(name), Date.now());
        await stream.writeSSE({ event: 'page', data: JSON.stringify({ name, html: String(card) }) });
      }
      if (changes.length === batch) continue;
      if (!(await bell.rung(keepAliveMs)) && !stream.aborted) await stream.write(': still here\n\n');
    }
  } finally {
    subscription.unsubscribe();
  }
}

/** Wakes one waiter; remembers a ring that came while nobody waited. */
class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves with true at the next ring, with false when none came in time. */
  async rung(withinMs: number): Promise<boolean> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
