import { planApplication } from '@asphalt/core/inspect';
import { startTestApplication } from '@asphalt/testing';
import { expect, test } from 'vitest';
import { App } from '../src/app.ts';
import { Terminal } from '../src/terminal-component.ts';

const files = new Map([
  ['poem.txt', 'so much depends\nupon a red wheel barrow'],
  ['empty.txt', ''],
]);

/** Runs the tool with these options and returns its exit code and its output. */
async function run(config: Record<string, unknown>): Promise<{ code: number; printed: string[]; warned: string[] }> {
  const [printed, warned]: string[][] = [[], []];
  const terminal: Terminal = {
    read: async (file) => {
      if (file === undefined) return 'from standard input';
      const text = files.get(file);
      if (text === undefined) throw new Error('no such file');
      return text;
    },
    print: (line) => printed!.push(line),
    warn: (line) => warned!.push(line),
  };
  const application = await startTestApplication(App, { config, replace: [[Terminal, terminal]] });
  await application.finished;
  return { code: application.exitCode, printed: printed!, warned: warned! };
}

test('the application can start', async () => {
  const { problems } = await planApplication(App);
  expect(problems).toEqual([]);
});

test('prints the number of words of each file', async () => {
  expect(await run({ files: ['poem.txt', 'empty.txt'] })).toEqual({
    code: 0,
    printed: ['8 poem.txt', '0 empty.txt'],
    warned: [],
  });
});

test('counts standard input if no file is named', async () => {
  expect(await run({})).toMatchObject({ code: 0, printed: ['3'] });
});

test('counts only words with enough letters', async () => {
  expect(await run({ files: ['poem.txt'], min: 5 })).toMatchObject({ printed: ['3 poem.txt'] });
});

test('continues after a file that cannot be read, and exits with 1', async () => {
  expect(await run({ files: ['missing.txt', 'poem.txt'] })).toEqual({
    code: 1,
    printed: ['8 poem.txt'],
    warned: ['Cannot read missing.txt: no such file'],
  });
});
