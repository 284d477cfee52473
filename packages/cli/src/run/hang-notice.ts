/** Reports the running and waiting components of a start without progress, long before the start limit. */
import type { Key, LifecycleEvent } from '@asphalt/core';
import { keyText } from '@asphalt/core/inspect';
import { componentName, durationText } from '../recording/names.ts';
import type { ComponentStatus, StartStatus } from './start-status.ts';

/** The time without events before a notice, in milliseconds. */
const quietMs = 3000;

/** The maximum number of lines in a notice, and of names in a line. */
const mostLines = 12;
const mostNames = 4;

export class HangNotice {
  readonly #statusNow: () => StartStatus;
  readonly #notify: (notice: string) => void;
  #lastEventAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param statusNow - returns the current status
   * @param notify - called with each notice; another one follows each time that progress stops again
   */
  constructor(statusNow: () => StartStatus, notify: (notice: string) => void) {
    this.#statusNow = statusNow;
    this.#notify = notify;
  }

  /** Call it for every event of the start. A progress text explains a slow step and is no progress. */
  take({ type, at }: LifecycleEvent): void {
    if (type === 'progress') return;
    this.#lastEventAt = at;
    this.#timer ??= this.#after(quietMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /** The timer does not keep the process alive, because a start with nothing left to wait for ends immediately. */
  #after(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const left = this.#lastEventAt + quietMs - performance.now();
      this.#timer = left > 0 ? this.#after(left) : undefined;
      if (left > 0) return;
      const status = this.#statusNow();
      if (isAnyWorking(status)) this.#notify(hangText(status, performance.now()));
    }, ms).unref();
  }
}

/** Returns whether the code of a component is running. If all wait for resources, the application logs it itself. */
function isAnyWorking({ components }: StartStatus): boolean {
  return components.some(({ running, missing }) => running.size > missing.length);
}

/** Returns the text of a notice: first the running components, then those that wait for them. */
export function hangText(status: StartStatus, now: number): string {
  const working = status.components.filter(({ running }) => running.size > 0);
  const waiting = status.components.filter(({ state }) => state === 'waiting');
  const lines = [
    ...working.map((component) => workText(status, component, now)),
    ...waiting.flatMap((component) => {
      const blockers = status.blockersOf(component).map(componentName);
      return blockers.length > 0 ? `${componentName(component.node)} is waiting for ${listText(blockers)}` : [];
    }),
  ];
  const shown =
    lines.length > mostLines ? [...lines.slice(0, mostLines), `and ${lines.length - mostLines} more`] : lines;
  return [`No startup progress for ${quietMs / 1000} s`, ...shown].join('\n');
}

function workText(status: StartStatus, component: ComponentStatus, now: number): string {
  const { node, missing, progress } = component;
  const work = status.work(component);
  const time = durationText(now - Math.min(...work.map(({ since }) => since)));
  const calls = listText(work.map(({ call }) => call));
  const keys = listText(missing.map((key) => missingText(status, key)));
  const activity = keys === '' ? `has been in ${calls}` : `has been waiting in ${calls} for ${keys},`;
  return `${componentName(node)} ${activity} for ${time}${progress === undefined ? '' : `: ${progress}`}`;
}

function missingText({ plan }: StartStatus, key: Key): string {
  const provider = plan.providers.find(({ ids, name }) => name === key.name && ids.includes(key.id));
  return `${keyText(key)} (${provider ? `provided by ${componentName(provider.node)}` : 'which no component declares'})`;
}

/** Joins the first of the texts and the number of further ones. */
export function listText(texts: readonly string[]): string {
  const more = texts.length - mostNames;
  return more > 0 ? `${texts.slice(0, mostNames).join(', ')} and ${more} more` : texts.join(', ');
}
