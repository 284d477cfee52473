/** Says who waits for what when a start does not get on, long before a time limit ends it. */
import { keyText, type Key } from '@asphalt/core';
import { componentName, durationText } from '../recording/names.ts';
import type { ComponentStatus, StartStatus } from './start-status.ts';

/** How long nothing must have happened, in milliseconds. */
const quietMs = 3000;

/** How many lines a notice has, and how many names a line. */
const mostLines = 12;
const mostNames = 4;

export class HangNotice {
  readonly #status: StartStatus;
  readonly #say: (notice: string) => void;
  #heardAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  /** @param say - is given each notice; there is a further one when it got on and then stopped again */
  constructor(status: StartStatus, say: (notice: string) => void) {
    this.#status = status;
    this.#say = say;
  }

  /** Something happened, or begins to. */
  gotOn(): void {
    this.#heardAt = performance.now();
    this.#timer ??= this.#after(quietMs);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /** Does not keep the process: with nothing left to wait for, a start ends at once. */
  #after(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const left = this.#heardAt + quietMs - performance.now();
      this.#timer = left > 0 ? this.#after(left) : undefined;
      if (left <= 0) this.#say(hangText(this.#status, performance.now()));
    }, ms).unref();
  }
}

/** The notice: first who is at work, then who waits for them. */
export function hangText(status: StartStatus, now: number): string {
  const working = status.components.filter(({ underWay }) => underWay.size > 0);
  const waiting = status.components.filter(({ state }) => state === 'waiting');
  const lines = [
    ...working.map((component) => workText(status, component, now)),
    ...waiting.flatMap((component) => {
      const blockers = status.blockersOf(component).map(componentName);
      return blockers.length > 0 ? `${componentName(component.node)} waits for ${listText(blockers)}` : [];
    }),
  ];
  const shown =
    lines.length > mostLines ? [...lines.slice(0, mostLines), `and ${lines.length - mostLines} more`] : lines;
  return [`Nothing has happened for ${quietMs / 1000} s while the application starts`, ...shown].join('\n');
}

function workText(status: StartStatus, component: ComponentStatus, now: number): string {
  const { node, missing } = component;
  const work = status.work(component);
  const time = durationText(now - Math.min(...work.map(({ since }) => since)));
  const calls = listText(work.map(({ call }) => call));
  const keys = listText(missing.map((key) => missingText(status, key)));
  const what = keys === '' ? `has been in ${calls}` : `waits in ${calls} for ${keys},`;
  return `${componentName(node)} ${what} for ${time}`;
}

function missingText({ plan }: StartStatus, key: Key): string {
  const provider = plan.providers.find(({ ids, name }) => name === key.name && ids.includes(key.id));
  return `${keyText(key)} (${provider ? `of ${componentName(provider.node)}` : 'which no component declares'})`;
}

/** The first of the texts, and how many there are more. */
export function listText(texts: readonly string[]): string {
  const more = texts.length - mostNames;
  return more > 0 ? `${texts.slice(0, mostNames).join(', ')} and ${more} more` : texts.join(', ');
}
