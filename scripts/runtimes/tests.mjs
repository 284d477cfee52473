// The tests that must pass on every runtime. Each starts real processes of the built applications.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { blockingApplication, checkedApplication } from './applications.mjs';
import { bundle } from './bundle.mjs';
import { changes, pagewatchOf, startPagewatch } from './pagewatch.mjs';
import { asphalt, Program, set } from './program.mjs';

const builtServer = ['server.yaml', ...set('component.type', './dist/server.js:EchoServer')];
const builtClient = ['client.yaml', ...set('component.type', './dist/client.js:EchoClient')];

export const tests = [
  {
    name: 'check accepts a valid application',
    test: async (runtime) => {
      const check = asphalt(runtime, 'apps/echo', ['check', ...builtServer]);
      assert.equal(await check.ended, 0, check.stderr);
      assert.match(check.stdout, /^The application can start: 1 component/);
    },
  },
  {
    name: 'check reports problems',
    test: async (runtime) => {
      const check = asphalt(runtime, 'apps/echo', ['check', ...builtClient, ...set('component.prot', '1')]);
      assert.equal(await check.ended, 1);
      assert.match(check.stdout, /`component\.message` is required/);
      assert.match(check.stdout, /did you mean `component\.port`\?/);
    },
  },
  {
    name: 'echo, compiled',
    test: (runtime) => roundTrip(runtime, builtServer, builtClient),
  },
  {
    name: 'echo, from TypeScript',
    test: (runtime) => roundTrip(runtime, ['server.yaml'], ['client.yaml']),
  },
  {
    name: 'TypeScript with @checked()',
    test: (runtime) =>
      inTemporaryFolder(async (folder) => {
        await writeApplication(folder, checkedApplication);
        const run = asphalt(runtime, folder, ['run', 'asphalt.yaml']);
        assert.equal(await run.ended, 1);
        assert.match(run.stderr, /`name` of App\.greet\(\) must be a string, got a number/);
      }),
  },
  {
    name: 'dev restarts on a change',
    test: (runtime) =>
      inTemporaryFolder(async (folder) => {
        await writeApplication(folder, checkedApplication);
        const dev = asphalt(runtime, folder, ['dev', 'asphalt.yaml']);
        await dev.until(/Ended with code 1; waiting for a change/);
        const saysNo = dev.stdout.includes('This runtime does not report changes of modules');
        assert.equal(saysNo, !runtime.name.startsWith('node-'));
        const file = join(folder, saysNo ? 'asphalt.yaml' : 'clock.ts');
        await writeFile(file, `${await readFile(file, 'utf8')}\n`);
        await dev.until(/Changed: .*(asphalt\.yaml|clock\.ts)/);
        await dev.until(/(Ended with code 1.*){2}/s);
        assert.equal(await dev.stop(), 0, dev.stderr);
        assert.doesNotMatch(dev.stderr, /Deprecat/);
      }),
  },
  {
    name: 'a stop ends open connections',
    test: async (runtime) => {
      const { server, port } = await startEcho(runtime, builtServer);
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
      socket.write('still here');
      const [response] = await once(socket, 'data');
      assert.equal(response.toString(), 'still here');
      const end = once(socket, 'end');
      assert.equal(await server.stop(), 0, server.stderr);
      await end;
      socket.destroy();
    },
  },
  {
    name: 'a failed start names the cause',
    test: async (runtime) => {
      const { server, port } = await startEcho(runtime, builtServer);
      const second = asphalt(runtime, 'apps/echo', ['run', ...builtServer], { ECHO_PORT: String(port) });
      assert.equal(await second.ended, 1);
      assert.match(second.stderr, new RegExp(`^Port ${port} is already in use$`, 'm'));
      assert.match(second.stderr, /^ {2}code {9}ERR_COMPONENT_START$/m);
      assert.equal(await server.stop(), 0, server.stderr);
    },
  },
  {
    name: 'pagewatch: page, live changes',
    test: (runtime) =>
      inTemporaryFolder(async (folder) => {
        const pagewatch = await startPagewatch(pagewatchOf(runtime), folder, '100ms');
        const response = await fetch(pagewatch.url);
        assert.equal(response.status, 200);
        assert.match(await response.text(), /<title>.*Pagewatch.*<\/title>/);
        const [change] = await changes(pagewatch.url, 1);
        assert.match(change.summary, /\d+ lines?/);
        assert.equal(await pagewatch.program.stop(), 0, pagewatch.program.stderr);
      }),
  },
  {
    name: 'pagewatch: history after a restart',
    test: (runtime) =>
      inTemporaryFolder(async (folder) => {
        const first = await startPagewatch(pagewatchOf(runtime), folder, '100ms');
        const before = await changes(first.url, 2);
        assert.equal(await first.program.stop(), 0, first.program.stderr);
        // No page changes now, so the stream has only recorded changes.
        const second = await startPagewatch(pagewatchOf(runtime), folder, '1h');
        assert.deepEqual(await changes(second.url, 2), before);
        assert.equal(await second.program.stop(), 0, second.program.stderr);
      }),
  },
  {
    name: 'the watchdog reports blocking code',
    test: (runtime) =>
      inTemporaryFolder(async (folder) => {
        await writeApplication(folder, { 'app.ts': blockingApplication });
        const run = asphalt(runtime, folder, ['run', 'asphalt.yaml', '--fail-on-blocking', '200ms']);
        assert.equal(await run.ended, 1);
        assert.match(run.stderr, /ERR_BLOCKING/);
        const saysNo = run.stdout.includes('This runtime cannot report which code blocks the event loop');
        assert.equal(saysNo, !runtime.name.startsWith('node-'));
        if (!saysNo) assert.match(run.stderr, /crunch\(\) at app\.ts:5/);
      }),
  },
  {
    name: 'SQLite, preferred driver',
    test: (runtime) => useSqlite(runtime),
  },
  {
    // The driver of Node 20 and 22. The other runtimes prefer their built-in one.
    name: 'SQLite, driver package',
    test: (runtime) => useSqlite(runtime, '@photostructure/sqlite'),
  },
  {
    name: 'a bundle in one file',
    test: (runtime) =>
      inTemporaryFolder(async (folder) => {
        const bundled = await bundle(runtime, folder);
        const program = new Program(bundled, folder, []);
        assert.equal(await program.ended, 0, program.stderr);
        assert.equal(program.stdout, 'Hello from a bundle; one copy of RxJS: true\n');
      }),
  },
  {
    name: 'a pool of threads',
    test: async (runtime) => {
      const program = new Program(runtime, 'scripts/runtimes/programs', ['pool.mjs']);
      assert.equal(await program.ended, 0, program.stderr);
      assert.deepEqual(program.stdout.split('\n'), [
        'in another thread: true',
        'hello',
        'items: 1 2 3',
        'RangeError: too loud',
        'TimeoutError',
        'closed',
        '',
      ]);
    },
  },
];

async function useSqlite(runtime, ...driver) {
  const program = new Program(runtime, 'scripts/runtimes/programs', ['sql.mjs', ...driver]);
  assert.equal(await program.ended, 0, program.stderr);
  assert.equal(program.stdout, 'done\n');
  // An experimental driver would print a warning.
  assert.equal(program.stderr, '');
}

async function roundTrip(runtime, serverArgs, clientArgs) {
  const { server, port } = await startEcho(runtime, serverArgs);
  const say = ['run', ...clientArgs, ...set('component.message', 'Hello')];
  const client = asphalt(runtime, 'apps/echo', say, { ECHO_PORT: String(port) });
  assert.equal(await client.ended, 0, client.stderr);
  assert.equal(client.stdout, 'Hello\n');
  assert.equal(await server.stop(), 0, server.stderr);
  assert.equal(server.stderr, '');
}

async function startEcho(runtime, args) {
  const server = asphalt(runtime, 'apps/echo', ['run', ...args], { ECHO_PORT: '0' });
  const [, port] = await server.until(/Listening on port (\d+)/);
  await server.until(/Application started/);
  return { server, port: Number(port) };
}

/** Writes an application as users have it: in its own folder, with the compiler settings of the package. */
async function writeApplication(folder, sources) {
  const files = {
    'package.json': '{ "type": "module" }',
    'tsconfig.json': '{ "extends": "@asphalt/core/tsconfig.json" }',
    'asphalt.yaml': 'component: { type: ./app.ts:App }',
    ...sources,
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  await mkdir(join(folder, 'node_modules/@asphalt'), { recursive: true });
  await symlink(join(root, 'packages/core'), join(folder, 'node_modules/@asphalt/core'));
}

async function inTemporaryFolder(use) {
  const folder = await mkdtemp(join(tmpdir(), 'asphalt-runtimes-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
