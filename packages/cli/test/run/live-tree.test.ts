import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Component, component } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import xterm from '@xterm/headless';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { painter } from '../../src/terminal/paint.ts';
import { LiveTree } from '../../src/run/live-tree.ts';
import { StartStatus } from '../../src/run/start-status.ts';
import { appWith, useAsphalt } from '../asphalt-process.ts';
import { noTerminal, TerminalProcess, type TerminalSize } from '../pseudo-terminal.ts';

useAsphalt();

/** The components wait for the test: each start sends its name to a socket and continues after the response. */
const app = `
import { connect } from 'node:net';
import { Component, component, inject, provides, token } from '@asphalt/core';

const Sql = token('Sql');

function answer(name) {
  return new Promise((resolve, reject) => {
    const socket = connect('control');
    socket.on('error', reject).on('data', (text) => {
      socket.destroy();
      if (String(text) === 'fail') reject(new Error('The database is down'));
      else resolve();
    });
    socket.write(name);
  });
}

class SqlComponent extends Component {
  async connect() {
    await answer('sql');
    return 'connected';
  }
}
provides(Sql)(SqlComponent.prototype, 'connect', Object.getOwnPropertyDescriptor(SqlComponent.prototype, 'connect'));

class Mailer extends Component {
  async start() {
    await answer('mailer');
    this.logger.info('Mail can be sent');
    console.log('printed by the application');
    process.stderr.write('half a line, ');
    console.error('and its end');
  }
}

class Web extends Component {}
inject(Sql)(Web.prototype, 'sql', undefined);

export class App extends Component {}
component({ components: { web: Web, sql: SqlComponent, mailer: Mailer } })(App);

export class Many extends Component {}
component({ components: { sql: SqlComponent, ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => ['web/' + n, Web])) } })(Many);

export class Wide extends Component {}
component({ components: { web: Web, sql: SqlComponent, 'mailer/a-name-日本語': Mailer, '日本語日本語日本語日本語日本語/x': Web } })(Wide);

export class Quick extends Component {}
`;

/** The socket that components send their names to. The test decides when they receive a response. */
class StartControl {
  readonly #server: Server;
  readonly #asked = new Map<string, Socket>();

  constructor(path: string) {
    this.#server = createServer((socket) => {
      socket.once('data', (name) => {
        this.#asked.set(String(name), socket);
        this.#server.emit('asked');
      });
    }).listen(path);
  }

  async askedBy(...names: string[]): Promise<void> {
    while (!names.every((name) => this.#asked.has(name))) await once(this.#server, 'asked');
  }

  async respond(name: string, response = 'continue'): Promise<void> {
    await this.askedBy(name);
    this.#asked.get(name)!.write(response);
  }

  close(): void {
    for (const socket of this.#asked.values()) socket.destroy();
    this.#server.close();
  }
}

function run(
  type: string,
  size: TerminalSize = { columns: 80, rows: 24 },
  env: Record<string, string> = {},
): { running: TerminalProcess; control: StartControl } {
  const folder = appWith({ 'app.js': app, 'asphalt.yaml': `component: { type: ./app.js:${type} }\n` });
  const control = new StartControl(join(folder, 'control'));
  onTestFinished(() => control.close());
  return { running: new TerminalProcess(folder, ['run', 'asphalt.yaml'], size, env), control };
}

/** Masks the parts that differ between runs. */
function masked(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replace(/\d\d:\d\d:\d\d\.\d{3} /, '')
      .replace(/[\d.]+ m?s\b/g, '<time>')
      .replace(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/, '*')
      .replace(/ \(sql.*\)$/, ''),
  );
}

const isStarted = (lines: readonly string[]): boolean => lines.some((line) => line.includes('Application started'));

test('the tree leaves nothing behind when the terminal is resized', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  class Piece extends Component {}
  @component({ components: { 'web/frontend-of-the-shop': Piece, 'mailer/newsletter': Piece } })
  class Shop extends Component {}
  const window = new xterm.Terminal({ cols: 80, rows: 12, allowProposedApi: true });
  const write = (text: string): void => window.write(text.replaceAll('\n', '\r\n'));
  /** Returns the visible lines after the next drawing. */
  const linesWith = async (columns: number): Promise<string[]> => {
    window.resize(columns, 12);
    await vi.advanceTimersByTimeAsync(100);
    await vi.dynamicImportSettled();
    const isWritten = new Promise<void>((resolve) => window.write('', resolve));
    await vi.advanceTimersByTimeAsync(1);
    await isWritten;
    const { active } = window.buffer;
    return Array.from({ length: active.length }, (_, row) => active.getLine(row)!.translateToString(true)).filter(
      Boolean,
    );
  };
  const terminal = {
    isTerminal: true,
    isBehind: false,
    paint: painter(true),
    beforeWriting: () => () => undefined,
    screen: () => ({
      isTTY: true,
      rows: 12,
      write,
      get columns() {
        return window.cols;
      },
    }),
  };
  write('Before it\n');
  const status = new StartStatus(await planApplication(Shop));
  const tree = new LiveTree(() => status, terminal, []);
  const first = ['Before it', 'Starting 100 ms', '· Shop', '├─ · web/frontend-of-the-shop', '└─ · mailer/newsletter'];
  expect(await linesWith(80)).toEqual(first);
  expect(await linesWith(24)).toEqual([
    'Before it',
    'Starting 200 ms',
    '· Shop',
    '├─ · web/frontend-of-t…',
    '└─ · mailer/newsletter',
  ]);
  expect(await linesWith(60)).toEqual(first.with(1, 'Starting 300 ms'));
  tree.end();
  expect(await linesWith(60)).toEqual(['Before it']);
});

describe.skipIf(noTerminal)(`on a terminal${noTerminal === undefined ? '' : ` (skipped: ${noTerminal})`}`, () => {
  test('a tree shows the work of the components while they start, and disappears at the end', async () => {
    const { running, control } = run('App');
    await control.askedBy('sql', 'mailer');
    const tree = await running.until((lines) => lines.some((line) => line.includes('mailer  start()')));
    expect(masked(tree)).toMatchInlineSnapshot(`
      [
        "INFO  Running in development mode",
        "INFO  Starting application",
        "Starting <time>",
        "· App",
        "├─ · web  waiting for sql",
        "├─ * sql  connect()  <time>",
        "└─ * mailer  start()  <time>",
      ]
    `);
    await control.respond('mailer');
    const further = await running.until((lines) => lines.some((line) => line.includes('✓ mailer')));
    expect(masked(further)).toMatchInlineSnapshot(`
      [
        "INFO  Running in development mode",
        "INFO  Starting application",
        "INFO  mailer: Mail can be sent",
        "printed by the application",
        "half a line, and its end",
        "Starting <time>",
        "· App",
        "├─ · web  waiting for sql",
        "├─ * sql  connect()  <time>",
        "└─ ✓ mailer  <time>",
      ]
    `);
    await control.respond('sql');
    await running.until(isStarted);
    running.press('\x03');
    expect(await running.ended).toBe(0);
    expect(masked(await running.lines())).toMatchInlineSnapshot(`
      [
        "INFO  Running in development mode",
        "INFO  Starting application",
        "INFO  mailer: Mail can be sent",
        "printed by the application",
        "half a line, and its end",
        "INFO  Application started: 4 components in <time>",
        "^CINFO  Received signal (Interrupt) – terminating application",
        "INFO  Application stopped",
      ]
    `);
  });

  test('the tree fits a small terminal and shows active components first', async () => {
    const size = { columns: 30, rows: 7 };
    const { running, control } = run('Many', size);
    const lines = await running.until((all) => all.some((line) => line.includes('42 components')));
    expect(masked(lines)).toMatchInlineSnapshot(`
      [
        "INFO  Running in development mode",
        "INFO  Starting application",
        "Starting <time>",
        "· Many",
        "* sql  connect()  <time>",
        "· web/0  waiting for sql",
        "· web/1  waiting for sql",
        "42 components: 0 started, 41…",
      ]
    `);
    expect(lines.slice(2).every((line) => line.length < size.columns)).toBe(true);
    await control.respond('sql');
    await running.until(isStarted);
    running.press('\x03');
    expect(await running.ended).toBe(0);
    expect(masked(await running.lines()).join('\n')).not.toMatch(/Starting <time>|connect|✓|components:/);
  });

  test('the tree shortens the work of a component before its duration and supports wide characters', async () => {
    const { running } = run('Wide', { columns: 40, rows: 24 });
    const lines = await running.until((all) => all.some((line) => line.includes('日本')));
    expect(masked(lines).slice(2)).toMatchInlineSnapshot(`
      [
        "Starting <time>",
        "· Wide",
        "├─ · web  waiting for sql",
        "├─ * sql  connect()  <time>",
        "├─ * mailer/a-name-日本語  sta…  <time>",
        "└─ · 日本語日本語日本語日本語日本語/x …",
      ]
    `);
    running.press('\x03');
    await running.ended;
  });

  test('the tree disappears before a failure is reported', async () => {
    const { running, control } = run('App');
    await running.until((lines) => lines.some((line) => line.includes('sql  connect()')));
    await control.respond('sql', 'fail');
    await control.respond('mailer');
    expect(await running.ended).toBe(1);
    const lines = await running.lines();
    expect(lines).toContain('Component `sql` (SqlComponent) failed to start: Error: The database is down');
    expect(lines.join('\n')).not.toMatch(/Starting \d|[✓✗·⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/);
  });

  test('the tree disappears when a signal stops the start', async () => {
    const { running } = run('App');
    await running.until((lines) => lines.some((line) => line.includes('sql  connect()')));
    running.press('\x03');
    expect(await running.ended).toBe(1);
    const lines = await running.lines();
    expect(lines).toContain('The application was stopped by SIGINT before it had started');
    expect(lines.join('\n')).not.toMatch(/Starting \d|[✓✗·⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/);
  });

  test('the tree has no colors with NO_COLOR', async () => {
    const { running, control } = run('App', undefined, { NO_COLOR: '1' });
    await running.until((lines) => lines.some((line) => line.includes('sql  connect()')));
    await control.respond('sql');
    await control.respond('mailer');
    await running.until(isStarted);
    // The remaining escape sequences only position the tree.
    expect(running.raw.split('\x1b').filter((part) => /^\[[\d;]*m/.test(part))).toEqual([]);
    running.press('\x03');
    await running.ended;
  });

  test.each([{ CI: 'true' }, { TERM: 'dumb' }, { NODE_ENV: 'production' }])('no tree appears with %j', async (env) => {
    const { running, control } = run('App', undefined, { NO_COLOR: '1', ...env });
    await control.respond('mailer');
    await running.until((lines) => lines.some((line) => line.includes('Mail can be sent')));
    await control.respond('sql');
    await running.until(isStarted);
    running.press('\x03');
    expect(await running.ended).toBe(0);
    expect(running.raw).not.toContain('\x1b');
  });

  test('no tree appears for a quick start', async () => {
    const { running } = run('Quick', undefined, { NO_COLOR: '1' });
    await running.until(isStarted);
    running.press('\x03');
    expect(await running.ended).toBe(0);
    expect(running.raw).not.toContain('\x1b');
  });
});
