import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { projectKinds } from '../../src/new/kinds.ts';
import { askForProject } from '../../src/new/questions.ts';

const noOptions = {
  folder: undefined,
  name: undefined,
  kind: undefined,
  packageManager: undefined,
  install: undefined,
};

/** Runs the prompts and types each answer once its question is on the screen. */
async function asked(
  args: Parameters<typeof askForProject>[0],
  answers: ReadonlyArray<readonly [question: string, keys: string]>,
): Promise<ReturnType<typeof askForProject>> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const left = [...answers];
  let seen = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    seen += text;
    const [next] = left;
    if (next === undefined || !seen.includes(next[0])) return;
    left.shift();
    seen = '';
    setImmediate(() => input.write(next[1]));
  });
  const answer = await askForProject(args, 'pnpm', { input, output });
  expect(left).toEqual([]);
  return answer;
}

test('prompts for missing options and proposes a default for each', async () => {
  const answers = [
    ['Project folder', '\r'],
    ['Package name', '\r'],
    ['Kind of project', '\r'],
    ['Install dependencies with pnpm?', '\r'],
  ] as const;
  expect(await asked(noOptions, answers)).toEqual({
    folder: 'my-app',
    name: 'my-app',
    kind: 'basic',
    install: true,
  });
});

test('uses the answers and repeats a prompt after an unusable one', async () => {
  const answers = [
    ['Project folder', 'packages\r'],
    ['is not empty', '\x15shops\r'],
    ['Package name', 'Shop!\r'],
    ['A package name consists of', '\x15shop\r'],
    ['Kind of project', '\x1b[B\r'],
    ['Install', 'n'],
  ] as const;
  expect(await asked(noOptions, answers)).toEqual({
    folder: 'shops',
    name: 'shop',
    kind: projectKinds[1],
    install: false,
  });
});

test('does not prompt for options of the command line', async () => {
  const args = { ...noOptions, folder: 'shop', kind: 'cli', install: false } as const;
  expect(await asked(args, [['Package name', '\r']])).toEqual({
    folder: 'shop',
    name: 'shop',
    kind: 'cli',
    install: false,
  });
});

test('returns undefined when the user cancels', async () => {
  expect(await asked(noOptions, [['Project folder', '\x03']])).toBeUndefined();
});
