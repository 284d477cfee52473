import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Timeline } from '../../src/recording/timeline.ts';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const app = {
  'asphalt.yaml': 'component: { type: ./app.js:App }\n',
  'app.js': `
import { Component, component, inject, provides, token } from '@asphalt/core';

const Sql = token('Sql');

class SqlComponent extends Component {
  async connect() {
    await new Promise((resolve) => setTimeout(resolve, 60));
    return 'connected';
  }
}
provides(Sql)(SqlComponent.prototype, 'connect', Object.getOwnPropertyDescriptor(SqlComponent.prototype, 'connect'));

class Web extends Component {
  async *ready() {
    console.log('printed');
    yield;
    console.log('closed');
  }
}
inject(Sql)(Web.prototype, 'sql', undefined);

export class App extends Component {}
component({ components: { web: Web, sql: SqlComponent } })(App);

export class Failing extends Component {
  start() {
    throw new Error('Enough');
  }
}
export class Clumsy extends Component {
  start() {
    this.context.onTeardown(() => {
      throw new Error('Not so fast');
    });
  }
}
`,
};

describe('asphalt timeline', () => {
  test('starts and stops the application and prints its timeline, with other output on standard error', async () => {
    const { code, stdout, stderr } = await asphalt(appWith(app), ['timeline', 'asphalt.yaml']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'printed\nclosed\n' });
    const sections = stdout.split('\n\n');
    expect(sections.map((section) => section.split('\n')[0]!.replace(/[\d.]+ m?s/, '<time>'))).toMatchInlineSnapshot(`
      [
        "Started 3 components in <time>",
        "Critical chain: each component waited for the previous one",
        "Components by duration; slack is the delay that would not lengthen the start",
        "What if",
      ]
    `);
    // The database always comes first: it waits for a timer, and all others do not wait.
    expect(sections[1]).toMatch(/^ +\d+ ms +sql +construct, connect/m);
    expect(sections[2]!.split('\n')[2]).toMatch(/^ +\d+ ms +sql /);
    expect(sections[3]).toMatch(/^ {2}sql took half as long: saves \d+ ms$/m);
  });

  test('--format json prints the timeline as data', async () => {
    const { code, stdout } = await asphalt(appWith(app), ['timeline', 'asphalt.yaml', '--format', 'json']);
    expect(code).toBe(0);
    const timeline = JSON.parse(stdout) as Timeline;
    expect(timeline.components.map(({ path, type }) => `${path} ${type}`)).toEqual([
      ' App',
      'web Web',
      'sql SqlComponent',
    ]);
    expect(timeline.spans.map(({ path, step }) => `${path} ${step}`)).toEqual([
      ' construct',
      'sql construct',
      'sql connect',
      'web construct',
      ' start',
      'web ready',
    ]);
    const explained = timeline.chain.reduce((sum, { time, delay }) => sum + time + delay, 0);
    expect(explained).toBeLessThanOrEqual(timeline.total + 0.1);
  });

  test('--output writes an SVG or a trace to a file', async () => {
    const folder = appWith(app);
    const svg = await asphalt(folder, ['timeline', 'asphalt.yaml', '--format', 'svg', '--output', 'start.svg']);
    expect(svg).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(join(folder, 'start.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
    const trace = await asphalt(folder, ['timeline', 'asphalt.yaml', '-f', 'trace', '-o', 'start.json']);
    expect(trace).toMatchObject({ code: 0, stdout: '' });
    expect(JSON.parse(readFileSync(join(folder, 'start.json'), 'utf8'))).toHaveProperty('traceEvents');
  });

  test('an unwritable output file fails with ERR_OUTPUT_FILE', async () => {
    const { code, stderr } = await asphalt(appWith(app), ['timeline', 'asphalt.yaml', '-o', 'no/such/folder.txt']);
    expect(code).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "printed
      closed
      Cannot write <app>/no/such/folder.txt
        cause        Error: ENOENT: no such file or directory, open '<app>/no/such/folder.txt'
        help         name a file in an existing, writable folder
        code         ERR_OUTPUT_FILE
      "
    `);
  });

  test('reports the failure and prints no timeline when the start fails', async () => {
    const { code, stdout, stderr } = await asphalt(appWith(app), [
      'timeline',
      '--set',
      'component.type=./app.js:Failing',
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('The root component (Failing) failed to start: Error: Enough');
  });

  test('prints the timeline and reports the failure when the stop fails', async () => {
    const { code, stdout, stderr } = await asphalt(appWith(app), [
      'timeline',
      '--set',
      'component.type=./app.js:Clumsy',
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain('Started 1 component in');
    expect(stderr).toContain('Not so fast');
  });
});
