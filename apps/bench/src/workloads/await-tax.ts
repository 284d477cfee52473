/** Measures the cost of `await` inside a request on several versions of Node. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { meanTime } from '../harness/hot.ts';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';

/** The measured versions. npm has Node as a package, so one machine can have them all. */
const versions = { 20: '20.20.2', 22: '22.23.3', 24: '24.9.0' } as const;

/** Calls a function inside a request. */
type Request = <R>(handle: () => Promise<R>) => Promise<R>;

const implementations: Implementations<Request> = {
  asphalt: requestAsphalt,

  async 'asphalt (ambient)'(handle) {
    await import('@asphalt/core/ambient');
    return requestAsphalt(handle);
  },

  async hand(handle) {
    return handle();
  },
};

async function requestAsphalt<R>(handle: () => Promise<R>): Promise<R> {
  const { Component, component, startApplication } = await import('@asphalt/core');

  @component()
  class App extends Component {}

  const { context } = await startApplication(App);
  return context.run(handle);
}

let steps = 0;

async function step(): Promise<void> {
  steps++;
}

async function awaitTen(): Promise<void> {
  await step();
  await step();
  await step();
  await step();
  await step();
  await step();
  await step();
  await step();
  await step();
  await step();
}

export function awaitTax(major: keyof typeof versions): Workload {
  const version = versions[major];
  return {
    name: `await-tax-${major}`,
    measures: `A function inside a request's context awaits ten times, on Node ${version}.`,
    unit: 'ns',
    yardstick: 'hand',
    target: 'asphalt 1.0 × hand; with `@asphalt/core/ambient`, stated',
    subjects: [
      { name: 'asphalt', package: '@asphalt/core' },
      { name: 'asphalt (ambient)', package: '@asphalt/core', note: 'with `@asphalt/core/ambient`' },
      { name: 'hand', note: 'no framework' },
    ],
    node: programOf(version),
    prepare: async (_subject, effort) => {
      if (effort === 'full') await install(version);
    },
    async sample(subject, effort) {
      const request = implementationOf(implementations, subject);
      let calls = 0;
      const value = await request(() =>
        meanTime(() => {
          calls++;
          return awaitTen();
        }, effort),
      );
      if (steps !== calls * 10) throw new Error(`${calls} calls made ${steps} steps`);
      steps = 0;
      return { value };
    },
  };
}

async function install(version: string): Promise<void> {
  if (existsSync(programOf(version))) return;
  const folder = folderOf(version);
  mkdirSync(folder, { recursive: true });
  await promisify(execFile)('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', `node@${version}`]);
}

function programOf(version: string): string {
  return process.version === `v${version}` ? process.execPath : `${folderOf(version)}/node_modules/node/bin/node`;
}

function folderOf(version: string): string {
  return fileURLToPath(new URL(`../../dist/generated/node-${version}`, import.meta.url));
}
