import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { appWith, asphalt, start, useAsphalt, type AsphaltProcess } from './asphalt-process.ts';

useAsphalt();

const app = (word: string): string => `
import { Component } from '@asphalt/core';
import { word } from './word.ts';
export class App extends Component {
  override ready(): void { console.log(word + ' ${word}'); }
}
`;
const files = {
  'app.ts': app('one'),
  'word.ts': "export const word = 'say';\n",
  'asphalt.yaml': 'component: { type: ./app.ts:App }\n',
};

/** Starts `asphalt dev` and waits until the application runs. */
async function develop(more: Readonly<Record<string, string>> = {}): Promise<{
  running: AsphaltProcess;
  write: (name: string, content: string) => void;
  folder: string;
}> {
  const folder = appWith({ ...files, ...more });
  const running = await start(folder, ['dev', 'asphalt.yaml']).until('Application started');
  return { running, folder, write: (name, content) => writeFileSync(join(folder, name), content) };
}

describe('dev', () => {
  test('starts the application anew when one of its modules changes, and ends with it', async () => {
    const { running, write } = await develop();
    write('app.ts', app('two'));
    await running.until('say two');
    write('word.ts', "export const word = 'tell';\n");
    await running.until('tell two');
    const { code, signal, stdout, stderr } = await running.send('SIGINT').ended;
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "INFO  Running in development mode
      INFO  Starting application
      say one
      INFO  Application started: 1 component in <time>
      ── Changed: app.ts
      INFO  Received signal (Terminated) – terminating application
      INFO  Application stopped
      INFO  Running in development mode
      INFO  Starting application
      say two
      INFO  Application started: 1 component in <time>
      ── Changed: word.ts
      INFO  Received signal (Terminated) – terminating application
      INFO  Application stopped
      INFO  Running in development mode
      INFO  Starting application
      tell two
      INFO  Application started: 1 component in <time>
      INFO  Received signal (Interrupt) – terminating application
      INFO  Application stopped
      "
    `);
  });

  test('shows a module that is no TypeScript, and waits until it is mended', async () => {
    const { running, write } = await develop();
    write('word.ts', 'export const = 1;\n');
    await running.until('waiting for a change');
    write('word.ts', "export const word = 'mended';\n");
    await running.until('mended one');
    const { code, stderr } = await running.send('SIGTERM').ended;
    expect(code).toBe(0);
    expect(stderr).toContain('./app.ts failed while loading: Expected identifier but found "="');
  });

  test('shows why the application cannot start, and takes a changed configuration', async () => {
    const { running, write } = await develop();
    write('asphalt.yaml', 'component: { type: ./app.ts:App, colour: red }\n');
    await running.until('waiting for a change');
    write('asphalt.yaml', 'component: { type: ./app.ts:App }\nlogging: warn\n');
    await running.until('── Changed: asphalt.yaml\nsay one');
    expect((await running.send('SIGINT').ended).stderr).toContain('`component.colour` is not a known option');
  });

  test('notices a module that comes back after it was deleted', async () => {
    const { running, write, folder } = await develop();
    unlinkSync(join(folder, 'word.ts'));
    await running.until('waiting for a change');
    write('word.ts', "export const word = 'back';\n");
    await running.until('back one');
    await running.send('SIGINT').ended;
  });

  test('notices a module that comes after what imports it', async () => {
    const { running, write } = await develop();
    write('app.ts', app('two').replace('word.ts', 'other.ts'));
    await running.until('waiting for a change');
    write('other.ts', "export const word = 'new';\n");
    await running.until('new two');
    await running.send('SIGINT').ended;
  });

  test('has the application stop in order when the terminal is closed, and ends with its code', async () => {
    const { running } = await develop();
    const { code, stdout } = await running.send('SIGHUP').ended;
    expect(code).toBe(129);
    expect(stdout).toMatch(/Received signal \(Hangup\).*Application stopped\n$/s);
  });

  test('does not wait for an application that does not stop', async () => {
    const { running, write } = await develop({
      'word.ts': "export const word = 'say'; setTimeout(() => { for (;;); });",
    });
    write('word.ts', "export const word = 'free';\n");
    await running.until('free one');
    expect((await running.send('SIGINT').ended).stdout).toContain('── It did not stop in time and was killed\n');
  });

  test('ends with 0 when it is told to while it waits', async () => {
    const running = start(appWith({ ...files, 'word.ts': '' }), ['dev', 'asphalt.yaml']);
    await running.until('waiting for a change');
    expect(await running.send('SIGINT').ended).toMatchObject({ code: 0, signal: null });
  });

  test('leaves nothing behind when it is killed', async () => {
    const { running } = await develop();
    // The output is closed only when the application, which has it too, has ended.
    expect((await running.send('SIGKILL').ended).stdout).toMatch(/\(Terminated\).*\n.*Application stopped\n$/);
  });

  test('cannot read standard input twice', async () => {
    const { code, stderr } = await asphalt(appWith({}), ['dev', '-']);
    expect(code).toBe(2);
    expect(stderr).toContain('Standard input cannot be read again: name files');
  });
});
