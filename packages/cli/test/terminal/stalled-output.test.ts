import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type AsphaltProcess,
  appWith,
  asphaltCommand,
  start,
  type ProcessOptions,
  useAsphalt,
} from '../asphalt-process.ts';
import { noTerminal, TerminalProcess } from '../pseudo-terminal.ts';

useAsphalt();

/** Obeys orders that come through a socket, and confirms each: the socket shows whether the event loop continues. */
const app = `
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { Component } from '@asphalt/core';

const padding = 'ä€😀'.repeat(40);

export class App extends Component {
  number = 0;

  async *ready() {
    const socket = connect('gate');
    await once(socket, 'connect');
    createInterface({ input: socket }).on('line', (line) => {
      const [order, count = 1] = line.split(' ');
      for (let left = Number(count); left > 0; left--) this[order]();
      socket.write(order + ' done\\n');
    });
    yield;
    socket.destroy();
  }

  log() { this.logger.debug('line ' + ++this.number + ' ' + padding); }
  print() { console.log('line ' + ++this.number + ' ' + padding); }
  error() { this.logger.error('line ' + ++this.number + ' ' + padding); }
  huge() { this.logger.info('line ' + ++this.number + ' ' + 'h'.repeat(20_000_000)); }
  ping() {}
  spawnInheriting() { spawnSync(process.execPath, ['--version'], { stdio: ['ignore', 'inherit', 'ignore'] }); }
  throwError() { setImmediate(() => { throw new Error('Thrown on purpose'); }); }
  rejectPromise() { setImmediate(() => void Promise.reject(new Error('Rejected on purpose'))); }
  exit() { process.exit(7); }
  hang() { this.context.onTeardown(() => new Promise(() => setTimeout(() => undefined, 1e9))); }
}
`;

/** More than any pipe holds, and less than the log lines that may wait. */
const some = 6_000;
/** More than the log lines that may wait. */
const many = 30_000;

class Obedient<P = AsphaltProcess> {
  readonly process: P;
  readonly #socket: Socket;
  readonly #replies: AsyncIterator<string>;

  static async onTerminal(): Promise<Obedient<TerminalProcess>> {
    const { folder, connected } = withGate();
    const args = ['run', '--no-watchdog', '--set', 'component.type=./app.js:App', '--set', 'logging=debug'];
    const process = new TerminalProcess(folder, args, { columns: 800, rows: 24 }, { CI: '1' });
    const [socket] = await connected;
    return new Obedient(process, socket);
  }

  static async start(settings: readonly string[] = [], options: ProcessOptions = {}): Promise<Obedient> {
    const { folder, connected } = withGate();
    const sets = ['component.type=./app.js:App', 'logging=debug', ...settings].flatMap((setting) => ['--set', setting]);
    const process = start(folder, ['run', '--no-watchdog', ...sets], options);
    await process.until('Application started');
    const [socket] = await connected;
    return new Obedient(process, socket);
  }

  constructor(process: P, socket: Socket) {
    this.process = process;
    this.#socket = socket.on('error', () => undefined);
    this.#replies = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  /** Waits until the application has obeyed. */
  readonly obey = async (order: string): Promise<void> => {
    this.order(order);
    expect(await this.#replies.next()).toEqual({ done: false, value: `${order.split(' ')[0]} done` });
  };

  order(order: string): void {
    this.#socket.write(`${order}\n`);
  }
}

function withGate(): { folder: string; connected: Promise<[Socket]> } {
  const folder = appWith({ 'app.js': app });
  const server = createServer().listen(join(folder, 'gate'));
  onTestFinished(() => void server.close());
  return { folder, connected: once(server, 'connection') as Promise<[Socket]> };
}

/** The numbers of the lines that arrived, and how many are reported as dropped. */
function linesIn(stdout: string): { numbers: number[]; dropped: number; torn: string[] } {
  const lines = stdout.split('\n').filter((line) => /line \d|dropped|ä/.test(line));
  const whole = /^(?:(?:DEBUG|ERROR) )?line (\d+) (?:ä€😀){40}$/;
  const notice = /^WARN {2}([\d,]+) log lines? (?:was|were) dropped because their reader is too slow$/;
  return {
    numbers: lines.flatMap((line) => whole.exec(line)?.[1] ?? []).map(Number),
    dropped: lines
      .map((line) => Number(notice.exec(line)?.[1]!.replaceAll(',', '') ?? 0))
      .reduce((sum, count) => sum + count, 0),
    torn: lines.filter((line) => !whole.test(line) && !notice.test(line)),
  };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const isAscending = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number > numbers[index - 1]!);

describe('while standard output is not read', () => {
  test.each([
    ['log lines to a pipe', 'log', true],
    ['log lines to a socket', 'log', false],
    ['text of console.log to a pipe', 'print', true],
    ['text of console.log to a socket', 'print', false],
  ])('the application continues and loses nothing: %s', async (_, order, usesPipe) => {
    const { process, obey } = await Obedient.start([], { usesPipe });
    process.stallOutput();
    await obey(`${order} ${some}`);
    for (let times = 0; times < 20; times++) await obey('ping');
    const { code, stdout } = await process.resumeOutput().send('SIGTERM').ended;
    expect(code).toBe(0);
    expect(linesIn(stdout)).toEqual({ numbers: upTo(some), dropped: 0, torn: [] });
  });

  test('the application continues after a child process has inherited the pipe', async () => {
    const { process, obey } = await Obedient.start([], { usesPipe: true });
    process.stallOutput();
    await obey('spawnInheriting');
    await obey(`log ${some}`);
    const { stdout } = await process.resumeOutput().send('SIGTERM').ended;
    expect(linesIn(stdout).numbers).toEqual(upTo(some));
  });

  test.skipIf(noTerminal)('an application continues on a terminal that Ctrl-S has stopped', async () => {
    const { process, obey } = await Obedient.onTerminal();
    process.press('\x13');
    await obey(`log ${some}`);
    await obey('ping');
    await process.press('\x11').until((lines) => lines.some((line) => line.includes(`line ${some} `)));
    expect(await process.press('\x03').ended).toBe(0);
  });

  test('SIGTERM stops the application, which ends with code 0', async () => {
    const { process, obey } = await Obedient.start();
    process.stallOutput();
    await obey(`log ${many}`);
    expect(await process.send('SIGTERM').exited).toEqual([0, null]);
  });

  test('a second SIGTERM ends the process', async () => {
    const { process, obey } = await Obedient.start(['stopTimeout=0']);
    process.stallOutput();
    await obey('hang');
    await obey(`log ${many}`);
    const insisting = setInterval(() => process.send('SIGTERM'), 20);
    expect(await process.exited).toEqual([143, null]);
    clearInterval(insisting);
  });

  test('lines that find no room are dropped, and counted in one line when reading resumes', async () => {
    const { process, obey } = await Obedient.start();
    process.stallOutput();
    await obey(`log ${many}`);
    await process.resumeOutput().until('dropped because their reader is too slow');
    await obey('log 1');
    const { stdout } = await process.send('SIGTERM').ended;
    const { numbers, dropped, torn } = linesIn(stdout);
    expect(torn).toEqual([]);
    expect(isAscending(numbers)).toBe(true);
    expect(numbers.at(-1)).toBe(many + 1);
    expect(stdout.match(/dropped because/g)).toHaveLength(1);
    expect(dropped).toBeGreaterThan(0);
    expect(numbers.length + dropped).toBe(many + 1);
  });

  test('ERROR lines are kept when others find no room any more', async () => {
    const { process, obey } = await Obedient.start();
    process.stallOutput();
    await obey(`log ${many}`);
    await obey('error 1000');
    await process.resumeOutput().until('dropped because their reader is too slow');
    const { stdout } = await process.send('SIGTERM').ended;
    expect(stdout.match(/^ERROR line /gm)).toHaveLength(1000);
    const { numbers, dropped } = linesIn(stdout);
    expect(numbers.length + dropped).toBe(many + 1000);
  });

  test('a line that is longer than all that may wait arrives whole', async () => {
    const { process, obey } = await Obedient.start();
    process.stallOutput();
    await obey('huge');
    await obey('error');
    const { stdout } = await process.resumeOutput().send('SIGTERM').ended;
    const lines = stdout.split('\n').filter((line) => line.includes('line '));
    expect(lines.map(({ length }) => length)).toEqual(['INFO  line 1 '.length + 20_000_000, expect.any(Number)]);
  });

  test.each([
    ['pipe', true],
    ['socket', false],
  ])('log lines and text of console.log do not tear each other: %s', async (_, usesPipe) => {
    const { process, obey } = await Obedient.start([], { usesPipe });
    process.stallOutput();
    for (let times = 0; times < 40; times++) {
      await obey('log 75');
      await obey('print 75');
    }
    const { stdout } = await process.resumeOutput().send('SIGTERM').ended;
    const { numbers, torn } = linesIn(stdout);
    expect(torn).toEqual([]);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(upTo(some));
    const printed = linesIn(stdout.replace(/^DEBUG.*\n/gm, '')).numbers;
    const logged = linesIn(stdout.replace(/^line.*\n/gm, '')).numbers;
    expect([isAscending(printed), isAscending(logged)]).toEqual([true, true]);
  });
});

describe('an application that fails while standard output is not read', () => {
  test.each([
    ['an error that nothing catches', 'throwError', 1, 'Thrown on purpose'],
    ['a rejection that nothing catches', 'rejectPromise', 1, 'Rejected on purpose'],
    ['process.exit()', 'exit', 7, 'line 6100'],
  ])('has written its ERROR lines when it is read again, after %s', async (_, order, code, last) => {
    const running = await Obedient.start([], { env: { NODE_ENV: 'production' } });
    const { process, obey } = running;
    process.stallOutput();
    await obey(`log ${some}`);
    await obey('error 100');
    running.order(order);
    process.resumeOutput();
    const ended = await process.ended;
    expect(ended.code).toBe(code);
    expect(ended.stdout.match(/"level":"error".*"msg":"line/g)).toHaveLength(100);
    expect(ended.stdout).toContain(last);
  });

  test.each(['throwError', 'exit'])('ends, also when it is never read again: %s', async (order) => {
    const running = await Obedient.start();
    running.process.stallOutput().stallErrors();
    await running.obey(`log ${many}`);
    running.order(order);
    expect(await running.process.exited).toEqual([order === 'exit' ? 7 : 1, null]);
  });
});

describe('while standard output is read', () => {
  test('each line of a burst that is longer than all that may wait is written or counted', async () => {
    const { process, obey } = await Obedient.start();
    await obey(`log ${2 * many}`);
    // Those of the stop are not counted among the dropped lines then.
    await process.until('dropped because their reader is too slow');
    await obey('error');
    const { stdout } = await process.send('SIGTERM').ended;
    const { numbers, dropped, torn } = linesIn(stdout);
    expect(torn).toEqual([]);
    expect(isAscending(numbers)).toBe(true);
    expect(numbers.at(-1)).toBe(2 * many + 1);
    expect(numbers.length + dropped).toBe(2 * many + 1);
  });

  test('a failure on standard error stands behind the log lines of the same pipe', async () => {
    const failing = `
import { Component } from '@asphalt/core';
export class App extends Component {
  start() {
    for (let i = 1; i <= 20_000; i++) this.logger.info('line ' + i);
    throw new Error('The end');
  }
}
`;
    const folder = appWith({ 'app.js': failing });
    const command = '"$0" "$1" run --set component.type=./app.js:App 2>&1 | cat';
    const args = ['-c', command, process.execPath, asphaltCommand];
    const { stdout } = spawnSync('sh', args, { cwd: folder, encoding: 'utf8', maxBuffer: 1e9 });
    const order = stdout.split('\n').filter((line) => /line (1|20000)$|Application stopped|failed to start/.test(line));
    expect(order.map((line) => line.replace(/^[\d:.]+ /, ''))).toEqual([
      'INFO  line 1',
      'INFO  line 20000',
      'INFO  Application stopped',
      expect.stringContaining('The end'),
    ]);
  });
});
