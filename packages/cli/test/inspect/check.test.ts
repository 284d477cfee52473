import { describe, expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const sound = `
import { component, Component, inject, provides } from '@asphalt/core';
export class Clock {}
class Unused {}
@component() class Clocks extends Component {
  @provides(Clock) clock(): Clock { return new Clock(); }
  @provides(Unused) unused(): Unused { return new Unused(); }
}
@component({ components: { clocks: Clocks } })
export class App extends Component {
  @inject(Clock) readonly clock!: Clock;
  override start(): void { console.log('this must not run'); }
}
`;

/** Two faults: a need without provider, and an unknown option. */
const faulty = `
import { component, Component, inject } from '@asphalt/core';
class Clock {}
@component() class Reader extends Component { @inject(Clock) readonly clock!: Clock; }
@component({ components: { reader: Reader } })
export class App extends Component {}
`;
const faultyConfig = 'component:\n  type: ./app.ts:App\n  components:\n    reader: { spede: 3 }\n';

const soundApp = (): string => appWith({ 'app.ts': sound, 'asphalt.yaml': 'component: { type: ./app.ts:App }\n' });
const faultyApp = (): string => appWith({ 'app.ts': faulty, 'asphalt.yaml': faultyConfig });

describe('check', () => {
  test('of a sound application ends with 0, notes unused resources and starts nothing', async () => {
    const { code, stdout, stderr } = await asphalt(soundApp(), ['check', 'asphalt.yaml']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "The application can start: 2 components, 2 providers, 1 need
        note  nothing in the graph needs Unused of clocks
      "
    `);
  });

  test('of an application that cannot start ends with 1 and reports all problems', async () => {
    const { code, stdout, stderr } = await asphalt(faultyApp(), ['check', 'asphalt.yaml']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "The application cannot start: 2 problems
        1. \`component.components.reader.spede\` is not a known option
             from         asphalt.yaml:4:15
                          4 │ … spede: 3 …
                            │   ^
             help         known keys: type, components, enabled
             code         ERR_CONFIG_INVALID
        2. No component provides \`Clock\`
             required by  component \`reader\` (Reader), \`clock\`
             path         App › reader (Reader)
             declared at  app.ts:4
             help         add a component that provides it with a @provides(Clock) method
                          or make the need optional: @inject(Clock, { optional: true })
             code         ERR_PROVIDER_MISSING
        code         ERR_PLAN
      "
    `);
  });

  test('--format json prints the plan with its problems', async () => {
    const { code, stdout } = await asphalt(faultyApp(), ['check', 'asphalt.yaml', '--format', 'json']);
    const { components, needs, problems } = JSON.parse(stdout) as Record<string, Array<Record<string, unknown>>>;
    expect(code).toBe(1);
    expect(components!.map(({ path }) => path)).toEqual(['', 'reader']);
    expect(needs).toMatchObject([{ component: 'reader', id: 'Clock', member: '`clock`', kind: 'need', providers: [] }]);
    expect(problems!.map((problem) => problem['code'])).toEqual(['ERR_CONFIG_INVALID', 'ERR_PROVIDER_MISSING']);
  });

  test('--format sarif prints a result for each problem with the location of its declaration', async () => {
    const { stdout } = await asphalt(faultyApp(), ['check', 'asphalt.yaml', '--format', 'sarif']);
    const { version, runs } = JSON.parse(stdout) as { version: string; runs: Array<{ results: unknown[] }> };
    expect(version).toBe('2.1.0');
    const location = (uri: string, startLine: number): object => ({
      physicalLocation: { artifactLocation: { uri }, region: { startLine } },
    });
    expect(runs[0]!.results).toMatchObject([
      { ruleId: 'ERR_CONFIG_INVALID', level: 'error', locations: [location('asphalt.yaml', 4)] },
      { ruleId: 'ERR_PROVIDER_MISSING', level: 'error', locations: [location('app.ts', 4)] },
    ]);
  });
});

/** A sound service, a faulty one, and one that has no component. */
const servicesApp = (): string =>
  appWith({
    'app.ts': sound,
    'faulty.ts': faulty,
    'asphalt.yaml': `startTimeout: 5x
services:
  web: { component: { type: ./app.ts:App } }
  worker: { component: { type: ./faulty.ts:App } }
  empty: { stopTimeout: 1s }
`,
  });

const soundServices = `services:
  web: { component: { type: ./app.ts:App } }
  worker: { component: { type: ./app.ts:App } }
`;

describe('check of several services', () => {
  test('names the services that were not checked', async () => {
    const folder = appWith({ 'app.ts': sound, 'asphalt.yaml': soundServices });
    const { code, stdout } = await asphalt(folder, ['check', '-s', 'web', 'asphalt.yaml']);
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "The application can start: 2 components, 2 providers, 1 need
        note  nothing in the graph needs Unused of clocks
        note  not checked: worker (check all with --all-services)
      "
    `);
  });

  test('--all-services ends with 0 if all can start', async () => {
    const folder = appWith({ 'app.ts': sound, 'asphalt.yaml': soundServices });
    const { code, stdout, stderr } = await asphalt(folder, ['check', '--all-services', 'asphalt.yaml'], {
      env: { ASPHALT_SERVICE: 'web' },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "Service web
      The application can start: 2 components, 2 providers, 1 need
        note  nothing in the graph needs Unused of clocks

      Service worker
      The application can start: 2 components, 2 providers, 1 need
        note  nothing in the graph needs Unused of clocks
      "
    `);
  });

  test('--all-services reports the problems of each and ends with 1', async () => {
    const { code, stdout, stderr } = await asphalt(servicesApp(), ['check', '--all-services', 'asphalt.yaml']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatchInlineSnapshot(`
      "Service web
      \`startTimeout\` must be a duration such as "250ms", "10s" or "5m", got "5x"
        from         asphalt.yaml:1:1
                     1 │ startTimeout: 5x
                       │ ^
        code         ERR_CONFIG_INVALID

      Service worker
      The application cannot start: 2 problems
        1. \`startTimeout\` must be a duration such as "250ms", "10s" or "5m", got "5x"
             from         asphalt.yaml:1:1
                          1 │ startTimeout: 5x
                            │ ^
             code         ERR_CONFIG_INVALID
        2. No component provides \`Clock\`
             required by  component \`reader\` (Reader), \`clock\`
             path         App › reader (Reader)
             declared at  faulty.ts:4
             help         add a component that provides it with a @provides(Clock) method
                          or make the need optional: @inject(Clock, { optional: true })
             code         ERR_PROVIDER_MISSING
        code         ERR_PLAN

      Service empty
      Service "empty" has no \`component\`
        help         add the root component: component: { type: ./app.ts:App }
        code         ERR_CONFIG_SERVICE
      "
    `);
  });

  test('--all-services --format json prints the plan of each', async () => {
    const args = ['check', '--all-services', '--format', 'json', 'asphalt.yaml'];
    const { code, stdout } = await asphalt(servicesApp(), args);
    const { services } = JSON.parse(stdout) as { services: Record<string, Record<string, Array<{ code: string }>>> };
    expect(code).toBe(1);
    const problems = Object.entries(services).map(([name, plan]) => [name, plan['problems']!.map((each) => each.code)]);
    expect(Object.fromEntries(problems)).toEqual({
      web: ['ERR_CONFIG_INVALID'],
      worker: ['ERR_CONFIG_INVALID', 'ERR_PROVIDER_MISSING'],
      empty: ['ERR_CONFIG_SERVICE'],
    });
    expect(services['web']!['components']).toHaveLength(2);
  });

  test('--all-services --format sarif prints a shared problem once', async () => {
    const args = ['check', '--all-services', '--format', 'sarif', 'asphalt.yaml'];
    const { stdout } = await asphalt(servicesApp(), args);
    const { runs } = JSON.parse(stdout) as { runs: Array<{ results: Array<{ ruleId: string }> }> };
    expect(runs[0]!.results.map(({ ruleId }) => ruleId)).toEqual([
      'ERR_CONFIG_INVALID',
      'ERR_PROVIDER_MISSING',
      'ERR_CONFIG_SERVICE',
    ]);
  });

  test('--all-services excludes --service', async () => {
    const { code, stderr } = await asphalt(soundApp(), ['check', '--all-services', '-s', 'web', 'asphalt.yaml']);
    expect(code).toBe(2);
    expect(stderr.split('\n')[0]).toMatchInlineSnapshot(
      `"Option '--all-services' cannot be used with option '-s, --service <name>'"`,
    );
  });
});

describe('graph', () => {
  test.each(['tree', 'mermaid', 'dot'])('--format %s', async (format) => {
    const { code, stdout, stderr } = await asphalt(soundApp(), ['graph', 'asphalt.yaml', '--format', format]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchSnapshot();
  });

  test('--format svg shows every component and every key', async () => {
    const { stdout } = await asphalt(soundApp(), ['graph', 'asphalt.yaml', '--format', 'svg']);
    expect(stdout).toMatch(/^<svg .*<\/svg>\n$/s);
    for (const text of ['>App<', '>clocks<', '>Clocks<', '>▸ Clock<', '>▸ Unused<', '>Clock<'])
      expect(stdout).toContain(text);
  });

  test('draws an application that cannot start', async () => {
    const { code, stdout } = await asphalt(faultyApp(), ['graph', 'asphalt.yaml']);
    expect(code).toBe(0);
    expect(stdout).toContain('needs    Clock (missing)');
  });

  test('rejects an unknown format', async () => {
    const { code, stderr } = await asphalt(soundApp(), ['graph', 'asphalt.yaml', '--format', 'png']);
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "Option '-f, --format <format>' argument 'png' is invalid. Allowed choices are tree, mermaid, dot, svg, html, json.
      Run \`asphalt graph --help\` for usage.
      "
    `);
  });
});
