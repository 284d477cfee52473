import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { appWith, asphalt, start, useAsphalt, type AsphaltProcess } from '../asphalt-process.ts';

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
  test('restarts the application when one of its modules changes and ends with it', async () => {
    const { running, write } = await develop();
    write('app.ts', app('two'));
    await running.until('say two');
    write('word.ts', "export const word = 'print';\n");
    await running.until('print two');
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
      print two
      INFO  Application started: 1 component in <time>
      INFO  Received signal (Interrupt) – terminating application
      INFO  Application stopped
      "
    `);
  });

  test('restarts when a module that only a thread imports changes', async () => {
    const { running, write } = await develop({
      'app.ts': `
        import { once } from 'node:events';
        import { Worker } from 'node:worker_threads';
        import { Component } from '@asphalt/core';
        export class App extends Component {
          override async ready(): Promise<void> {
            const [text] = await once(new Worker(new URL('thread.js', import.meta.url)), 'message');
            console.log(text);
          }
        }
      `,
      'thread.js': `
        import { parentPort } from 'node:worker_threads';
        import { word } from './thread-word.js';
        parentPort.postMessage('thread ' + word);
      `,
      'thread-word.js': "export const word = 'one';\n",
    });
    write('thread-word.js', "export const word = 'two';\n");
    await running.until('thread two');
    const { stdout, stderr } = await running.send('SIGINT').ended;
    expect(stdout).toContain('── Changed: thread-word.js\n');
    expect(stderr).toBe('');
  });

  test('a child process of the application reports no modules', async () => {
    const { running, folder } = await develop({
      'app.ts': `
        import { fork } from 'node:child_process';
        import { once } from 'node:events';
        import { openSync } from 'node:fs';
        import { Component } from '@asphalt/core';
        export class App extends Component {
          override async ready(): Promise<void> {
            const pipe = openSync('reports.txt', 'w');
            await once(fork('child.js', { stdio: ['ignore', 'inherit', 'inherit', pipe, 'ipc'] }), 'exit');
          }
        }
      `,
      'child.js': "import { Worker } from 'node:worker_threads'; new Worker(new URL('thread.js', import.meta.url));",
      'thread.js': "import './thread-word.js'; console.log('thread of a child');",
      'thread-word.js': '',
    });
    const { stdout, stderr } = await running.send('SIGINT').ended;
    expect(stdout).toContain('thread of a child');
    expect(stderr).toBe('');
    expect(readFileSync(join(folder, 'reports.txt'), 'utf8')).toBe('');
  });

  test('reports a syntax error in a module and waits until it is fixed', async () => {
    const { running, write } = await develop();
    write('word.ts', 'export const = 1;\n');
    await running.until('waiting for a change');
    write('word.ts', "export const word = 'fixed';\n");
    await running.until('fixed one');
    const { code, stderr } = await running.send('SIGTERM').ended;
    expect(code).toBe(0);
    expect(stderr).toContain('./app.ts failed to load: Expected identifier but found "="');
  });

  test('reports a configuration error and restarts with the changed configuration', async () => {
    const { running, write } = await develop();
    write('asphalt.yaml', 'component: { type: ./app.ts:App, colour: red }\n');
    await running.until('waiting for a change');
    write('asphalt.yaml', 'component: { type: ./app.ts:App }\nlogging: warn\n');
    await running.until('── Changed: asphalt.yaml\nsay one');
    expect((await running.send('SIGINT').ended).stderr).toContain('`component.colour` is not a known option');
  });

  test('restarts when a file of `--env-file` changes', async () => {
    const folder = appWith({ ...files, '.env': 'ASPHALT_SET_A=startTimeout=-1\n' });
    const running = start(folder, ['dev', '--env-file', '.env', 'asphalt.yaml']);
    await running.until('waiting for a change');
    writeFileSync(join(folder, '.env'), 'ASPHALT_SET_A=startTimeout=5s\n');
    await running.until('Application started');
    expect((await running.send('SIGINT').ended).code).toBe(0);
  });

  test('restarts when a deleted module appears again', async () => {
    const { running, write, folder } = await develop();
    unlinkSync(join(folder, 'word.ts'));
    await running.until('waiting for a change');
    write('word.ts', "export const word = 'back';\n");
    await running.until('back one');
    await running.send('SIGINT').ended;
  });

  test('restarts when a missing imported module appears', async () => {
    const { running, write } = await develop();
    write('app.ts', app('two').replace('word.ts', 'other.ts'));
    await running.until('waiting for a change');
    write('other.ts', "export const word = 'new';\n");
    await running.until('new two');
    await running.send('SIGINT').ended;
  });

  test('restarts on changes of files that the configuration and modules read, but not of files that components read', async () => {
    const { running, write } = await develop({
      'word.ts': `
        import { readFileSync } from 'node:fs';
        import { readFile } from 'node:fs/promises';
        process.loadEnvFile();
        const template = readFileSync(new URL('template.txt', import.meta.url), 'utf8');
        export const word = [await readFile('list.txt', 'utf8'), template, process.env['WORD']].join();
      `,
      'app.ts': `
        import { readFileSync, writeFileSync } from 'node:fs';
        import { component, Component, defineConfig } from '@asphalt/core';
        import { word } from './word.ts';
        const config = defineConfig({ greeting: { doc: 'Greeting', format: 'string', default: '' } });
        @component({ config })
        export class App extends Component<typeof config> {
          override start(): void {
            const count = Number(readFileSync('count.txt', 'utf8')) + 1;
            writeFileSync('count.txt', String(count));
            console.log(this.config.greeting + ',' + word + ' for the ' + count + '.');
          }
        }
      `,
      'asphalt.yaml': 'component: { type: ./app.ts:App, greeting: !TextFile greeting.txt }\n',
      'greeting.txt': 'hello',
      'template.txt': 'template',
      'list.txt': 'list',
      '.env': 'WORD=word',
      'count.txt': '0',
      'settings/base.json': '{ "extends": "@asphalt/core/tsconfig.json" }',
      'tsconfig.json': '{ "extends": "./settings/base.json" }',
    });
    await running.until('hello,list,template,word for the 1.');
    write('greeting.txt', 'hi');
    await running.until('hi,list,template,word for the 2.');
    write('template.txt', 'pattern');
    await running.until('hi,list,pattern,word for the 3.');
    write('list.txt', 'rows');
    await running.until('hi,rows,pattern,word for the 4.');
    write('.env', 'WORD=term');
    await running.until('hi,rows,pattern,term for the 5.');
    write('settings/base.json', '{ "extends": "@asphalt/core/tsconfig.json", "compilerOptions": {} }');
    await running.until('hi,rows,pattern,term for the 6.');
    const { stdout } = await running.send('SIGINT').ended;
    const changes = Array.from(stdout.matchAll(/── Changed: (.*)/g), ([, files]) => files);
    expect(changes).toEqual(['greeting.txt', 'template.txt', 'list.txt', '.env', 'settings/base.json']);
  });

  test('restarts when a missing file that a module tried to read appears', async () => {
    const { running, write } = await develop({
      'word.ts': `
        import { readFileSync } from 'node:fs';
        const read = (): string => {
          try { return readFileSync('word.txt', 'utf8'); } catch { return 'nothing'; }
        };
        export const word = read();
      `,
    });
    await running.until('nothing one');
    write('word.txt', 'something');
    await running.until('something one');
    await running.send('SIGINT').ended;
  });

  describe('loads packages in advance', () => {
    const packages = {
      'node_modules/words/package.json': '{ "type": "module", "exports": "./index.js" }',
      'node_modules/words/index.js': `
        import { readFileSync } from 'node:fs';
        export const word = 'say ' + readFileSync('words.txt', 'utf8');
        console.log('words of a package');
      `,
      'words.txt': 'much',
      'word.ts': "export { word } from 'words';\n",
    };
    const twice = /words of a package\n(.*\n)*words of a package\n/;

    test('while the application runs', async () => {
      const { running, write } = await develop(packages);
      await running.until(twice);
      write('app.ts', app('two'));
      await running.until('say much two');
      const { stdout } = await running.send('SIGINT').ended;
      expect(stdout).toMatch(/(words of a package\n(.*\n)*){2}── Changed: app\.ts\n(INFO .*\n)*say much two/);
    });

    test('and again when a file that they have read changes', async () => {
      const { running, write } = await develop(packages);
      await running.until(twice);
      write('words.txt', 'little');
      await running.until('say little one');
      await running.send('SIGINT').ended;
    });

    test('and again when one is reinstalled', async () => {
      const { running, write } = await develop(packages);
      await running.until(twice);
      write('node_modules/words/index.js', "export const word = 'new';\n");
      write('app.ts', app('two'));
      await running.until('new two');
      await running.send('SIGINT').ended;
    });
  });

  test('stops the application when the terminal is closed and ends with its exit code', async () => {
    const { running } = await develop();
    const { code, stdout } = await running.send('SIGHUP').ended;
    expect(code).toBe(129);
    expect(stdout).toMatch(/Received signal \(Hangup\).*Application stopped\n$/s);
  });

  test('kills an application that does not stop', async () => {
    const { running, write } = await develop({
      'word.ts': "export const word = 'say'; setTimeout(() => { for (;;); });",
    });
    write('word.ts', "export const word = 'free';\n");
    await running.until('free one');
    expect((await running.send('SIGINT').ended).stdout).toContain(
      '── The application did not stop in time and was killed\n',
    );
  });

  test('ends with 0 after a signal while it waits for a change', async () => {
    const running = start(appWith({ ...files, 'word.ts': '' }), ['dev', 'asphalt.yaml']);
    await running.until('waiting for a change');
    expect(await running.send('SIGINT').ended).toMatchObject({ code: 0, signal: null });
  });

  test('leaves no application running when it is killed', async () => {
    const { running } = await develop();
    // The output closes only after the application, which shares it, has ended.
    expect((await running.send('SIGKILL').ended).stdout).toMatch(/\(Terminated\).*\n.*Application stopped\n$/);
  });

  test('rejects standard input, which it cannot read twice', async () => {
    const { code, stderr } = await asphalt(appWith({}), ['dev', '-']);
    expect(code).toBe(2);
    expect(stderr).toContain('Cannot read standard input twice: name configuration files');
  });
});
