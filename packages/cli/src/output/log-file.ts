/** The file that log lines are appended to. It may be a named pipe or a terminal, which are written at their pace. */
import { constants, openSync } from 'node:fs';
import { Writable } from 'node:stream';
import type { Paint } from '../paint.ts';
import { LineQueue } from './line-queue.ts';

const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;

export class LogFile {
  readonly name = 'the log file';
  /** Resolves with the error when nothing can be written any more. */
  readonly closed: Promise<NodeJS.ErrnoException>;
  readonly #queue: LineQueue;

  /** @throws an error of the system when it cannot be opened */
  constructor(path: string) {
    const file = openSync(path, O_APPEND | O_CREAT | O_WRONLY | O_NONBLOCK | O_NOCTTY);
    const stream = new Writable();
    this.#queue = new LineQueue(
      stream,
      { fd: file, unblock: () => undefined },
      (error) => void stream.emit('error', error),
    );
    this.closed = new Promise((resolve) => {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        this.#queue.close();
        resolve(error);
      });
    });
  }

  readonly paint: Paint = (_, text) => text;

  log(line: string, isImportant: boolean): void {
    this.#queue.log(line, isImportant);
  }

  onLoss(report: (lines: number) => void): void {
    this.#queue.onLoss(report);
  }
}
