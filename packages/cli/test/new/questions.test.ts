import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askForProject } from '../../src/new/questions.ts';

const nothingSaid = { folder: undefined, name: undefined, packageManager: undefined, install: undefined };

/** Asks, and types each answer when its question is there. */
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

test('what the command line does not say is asked, with a proposal for each', async () => {
  const answers = [
    ['In which folder?', '\r'],
    ['What is it called?', '\r'],
    ['Install its packages now, with pnpm?', '\r'],
  ] as const;
  expect(await asked(nothingSaid, answers)).toEqual({ folder: 'my-app', name: 'my-app', install: true });
});

test('answers are taken, and what cannot be is asked again', async () => {
  const answers = [
    ['In which folder?', 'packages\r'],
    ['is not empty', '\x15shops\r'],
    ['What is it called?', 'Shop!\r'],
    ['make a package name', '\x15shop\r'],
    ['Install', 'n'],
  ] as const;
  expect(await asked(nothingSaid, answers)).toEqual({ folder: 'shops', name: 'shop', install: false });
});

test('what the command line says is not asked', async () => {
  const said = { ...nothingSaid, folder: 'shop', install: false };
  expect(await asked(said, [['What is it called?', '\r']])).toEqual({ folder: 'shop', name: 'shop', install: false });
});

test('whoever goes away gets nothing', async () => {
  expect(await asked(nothingSaid, [['In which folder?', '\x03']])).toBeUndefined();
});
