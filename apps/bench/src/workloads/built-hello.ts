/** Measures the processor time of a built program that prints hello and exits. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';
import { buildApplication, bundleProgram } from '../start/bundles.ts';

const folder = new URL('../../dist/generated/built-hello/', import.meta.url);

/** The programs. The bundled ones are written by the bundler of `asphalt build`, without its code cache. */
const programs: Readonly<Record<string, string>> = {
  'node.js': `console.log('hello');`,
  'asphalt.js': `export { Hello } from '../../programs/hello.js';`,
  'nestjs.js': `
    import 'reflect-metadata';
    import { Injectable, Module } from '@nestjs/common';
    import { NestFactory } from '@nestjs/core';

    class Hello { onApplicationBootstrap() { console.log('hello'); } }
    Injectable()(Hello);
    class AppModule {}
    Module({ providers: [Hello] })(AppModule);

    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    await app.close();
  `,
  'effect.js': `
    import { Console, Effect } from 'effect';
    await Effect.runPromise(Console.log('hello'));
  `,
};

const arguments_: Implementations<readonly string[]> = {
  asphalt: ['asphalt-built/main.js'],
  node: ['node.js'],
  '@nestjs/core': ['nestjs.mjs'],
  effect: ['effect.mjs'],
};

const major = Number(process.versions.node.split('.', 1)[0]);

export const builtHello: Workload = {
  name: 'built-hello',
  measures:
    'A built program of one component prints hello and exits; the processor time of its whole process, as bash reports it.',
  unit: 'ms',
  yardstick: 'node',
  target: 'asphalt ≤ 1.15 × node on Node 20, and at most 8 ms over node on later versions',
  // Node 20 itself takes twice as long to start.
  limits: [major <= 20 ? { subject: 'asphalt', ratio: 1.15 } : { subject: 'asphalt', difference: 8 }],
  subjects: [
    { name: 'asphalt', package: '@asphalt/cli', note: 'with the code cache of a warm run' },
    { name: 'node', note: '`console.log`' },
    { name: '@nestjs/core', package: '@nestjs/core', note: 'one ES module' },
    { name: 'effect', package: 'effect', note: 'one ES module' },
  ],
  async prepare(subject) {
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(programs)) writeFileSync(new URL(file, folder), text);
    if (subject === 'asphalt') {
      rmSync(new URL('asphalt-built', folder), { recursive: true, force: true });
      buildApplication(folder, 'asphalt', 'asphalt.js:Hello');
    } else if (subject !== 'node') {
      const [file = ''] = implementationOf(arguments_, subject);
      await bundleProgram(folder, file.replace(/\.mjs$/, '.js'), file);
    }
  },
  async sample(subject) {
    const args = [process.execPath, ...implementationOf(arguments_, subject)];
    // `times` prints the times of the shell, and then those of its child processes.
    const { stdout, stderr, status } = spawnSync('bash', ['-c', '"$@" && times', 'bash', ...args], {
      cwd: fileURLToPath(folder),
      encoding: 'utf8',
      env: { ...process.env, NODE_ENV: 'production', LC_ALL: 'C' },
    });
    const [, user, system] = /^(\S+) (\S+)\n*$/m.exec(stdout.trimEnd().split('\n').at(-1) ?? '') ?? [];
    // The built application logs its start on the same stream.
    const isGreeting = /^hello$/m.test(stdout);
    if (!isGreeting || status !== 0 || user === undefined || system === undefined)
      throw new Error(`The program printed "${stdout}${stderr}" and exited with ${status}`);
    return { value: milliseconds(user) + milliseconds(system) };
  },
};

/** Parses a time of bash, such as `0m0.052s`. */
function milliseconds(text: string): number {
  const [, minutes, seconds] = /^(\d+)m([\d.]+)s$/.exec(text)!;
  return Number(minutes) * 60_000 + Number(seconds) * 1000;
}
