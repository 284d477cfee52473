import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const core = fileURLToPath(new URL('../..', import.meta.url));
const packages = fileURLToPath(new URL('../../..', import.meta.url));

test('only one file of all packages that applications load imports AsyncLocalStorage', () => {
  const sources = readdirSync(packages).flatMap((name) =>
    readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' }).map((file) =>
      join(name, 'src', file).replaceAll('\\', '/'),
    ),
  );
  const importing = sources.filter(
    (file) =>
      /\.[cm]?[jt]sx?$/.test(file) && /['"](?:node:)?async_hooks['"]/.test(readFileSync(join(packages, file), 'utf8')),
  );
  // `expectNoLeaks` follows the calls of one function in a test.
  const ofTests = 'testing/src/opened.ts';
  expect(importing.sort()).toEqual(['core/src/ambient/context-functions.ts', ofTests]);
  const naming = sources.filter(
    (file) => file.endsWith('.ts') && /from '[^']*\/ambient/.test(readFileSync(join(packages, file), 'utf8')),
  );
  expect(naming).toEqual(['core/src/entry/ambient.ts']);
});

/** An application with everything that runs in its own context. It counts the uses of AsyncLocalStorage. */
const script = (imports: string): string => `
  import { AsyncLocalStorage } from 'node:async_hooks';
  let runs = 0;
  const { run } = AsyncLocalStorage.prototype;
  AsyncLocalStorage.prototype.run = function (...args) {
    runs++;
    return run.apply(this, args);
  };
  AsyncLocalStorage.prototype.enterWith = () => { runs++; };
  const { component, Component, Context, inject, on, provides, Signal, startApplication, task } = await import('@asphalt/core');
  ${imports}
  const call = (decorators, prototype, member) => {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, member);
    for (const decorate of decorators) decorate(prototype, member, descriptor);
  };
  class Feed { changed = new Signal(); }
  class Session {}
  class App extends Component {
    feed() { return new Feed(); }
    async *session() { yield new Session(); }
    async work() {}
    async handle(event, session) { seen.push(session instanceof Session); }
    async ready() {}
  }
  component()(App);
  call([provides(Feed)], App.prototype, 'feed');
  call([provides(Session, { scope: 'context' })], App.prototype, 'session');
  call([task()], App.prototype, 'work');
  inject(Session)(App.prototype, 'handle', 1);
  call([on(Feed, (feed) => feed.changed)], App.prototype, 'handle');
  const seen = [];
  const application = await startApplication(App);
  application.context.getResourceSync(Feed).changed.dispatch(1);
  await application.context.run((context) => context.getResource(Session));
  await application.stop();
  console.log(JSON.stringify({ seen, runs }));
`;

async function runsOf(imports: string): Promise<{ seen: unknown; runs: number }> {
  const flags = ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', script(imports)];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: core });
  return JSON.parse(stdout) as { seen: unknown; runs: number };
}

test('an application uses AsyncLocalStorage only if it imports the ambient entry point', async () => {
  const [without, opted] = await Promise.all([runsOf(''), runsOf("await import('@asphalt/core/ambient');")]);
  expect(without).toEqual({ seen: [true], runs: 0 });
  expect(opted.seen).toEqual([true]);
  expect(opted.runs).toBeGreaterThan(0);
});
