/** Measures a program that prints hello and exits, from the start of its process to its end. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { implementationOf, type Implementations, type Workload } from '../harness/workload.ts';

const folder = new URL('../../dist/generated/cli-hello/', import.meta.url);

/** The programs. Each is a file of its own, because reading it is part of the measured time. */
const programs: Readonly<Record<string, string>> = {
  'asphalt.js': `
    import { runApplication } from '@asphalt/core';
    import { Hello } from '../../programs/hello.js';
    process.exitCode = await runApplication(Hello, { ownsProcess: true });
  `,
  'component.js': `export { Hello as default } from '../../programs/hello.js';`,
  'node.js': `console.log('hello');`,
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

const command = fileURLToPath(new URL('../../node_modules/@asphalt/cli/bin/asphalt.js', import.meta.url));

/** The arguments of Node for each subject. */
const commands: Implementations<readonly string[]> = {
  asphalt: [program('asphalt.js')],
  '@asphalt/cli': [command, 'run', program('component.js')],
  node: [program('node.js')],
  '@nestjs/core': [program('nestjs.js')],
  effect: [program('effect.js')],
};

function program(file: string): string {
  return fileURLToPath(new URL(file, folder));
}

export const cliHello: Workload = {
  name: 'cli-hello',
  measures: 'A program of one component prints hello and exits; the time is that of its whole process.',
  unit: 'ms',
  yardstick: 'node',
  target: 'asphalt ≤ 1.6 × node',
  subjects: [
    { name: 'asphalt', package: '@asphalt/core', note: '`runApplication`' },
    { name: '@asphalt/cli', package: '@asphalt/cli', note: '`asphalt run hello.js`' },
    { name: 'node', note: '`console.log`' },
    { name: '@nestjs/core', package: '@nestjs/core' },
    { name: 'effect', package: 'effect' },
  ],
  async prepare() {
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(programs)) writeFileSync(program(file), text);
  },
  async sample(subject) {
    const start = performance.now();
    const { stdout, status } = spawnSync(process.execPath, implementationOf(commands, subject), { encoding: 'utf8' });
    const value = performance.now() - start;
    // The command logs the start on the same stream.
    if (!/^hello$/m.test(stdout) || status !== 0)
      throw new Error(`The program printed "${stdout}" and exited with ${status}`);
    return { value };
  },
};
