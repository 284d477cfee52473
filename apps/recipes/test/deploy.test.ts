/** Runs the files of `docs/how-to/deploy.md` with a new project, and compares their time limits with those of the application. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { eventually, freePort } from '@asphalt/testing';
import type { ComponentClass } from '@asphalt/core';
import { describeConfig, type OptionDescription } from '@asphalt/core/inspect';
import { SqlComponent } from '@asphalt/sql';
import { WebComponent } from '@asphalt/web';
import { parse, parseAllDocuments } from 'yaml';
import { beforeAll, describe, expect, test } from 'vitest';
import { asphalt, start, useAsphalt } from '../../../packages/cli/test/asphalt-process.ts';
import { Project } from '../../../packages/cli/test/new/project.ts';

useAsphalt();

const page = readFileSync(new URL('../../../docs/how-to/deploy.md', import.meta.url), 'utf8');
const files = new Map(
  Array.from(page.matchAll(/```\w+\n# (\S+)\n(.*?)```/gs), ([, name, text]) => [basename(name!), text!]),
);
const defaults = await defaultsOf(WebComponent);
const sqlDefaults = await defaultsOf(SqlComponent);
const production = parse(files.get('production.yaml')!);
const stopMs = seconds(production.stopTimeout);

/** Returns the defaults of a component by the paths of their options. */
async function defaultsOf(component: ComponentClass): Promise<ReadonlyMap<string, unknown>> {
  const { components } = await describeConfig(component);
  const withInner = (option: OptionDescription): OptionDescription[] => [option, ...option.options.flatMap(withInner)];
  const options = components[0]!.options.flatMap(withInner);
  return new Map(options.map(({ path, default: value }) => [path.replace('component.', ''), value]));
}

function seconds(text: string): number {
  return Number(/^(\d+)s$/.exec(text)![1]) * 1000;
}

describe('the time limits', () => {
  /** The time for which `asphalt run` writes lines after the application has stopped. */
  const outputMs = Number(/are written, for up to (\d+) s/.exec(page)![1]) * 1000;

  test('of all steps of a stop fit into the limit of the stop', () => {
    const [shutdown, drain] = Array.from(page.matchAll(/`(?:shutdownTimeout|drain)` \((\d+) s\)/g), ([, text]) =>
      Number(text),
    );
    expect(`${shutdown}s`).toBe(defaults.get('shutdownTimeout'));
    expect(`${drain}s`).toBe(sqlDefaults.get('drain'));
    const drainDelayMs = seconds(production.component.components.web.drainDelay);
    expect(drainDelayMs + (shutdown! + drain!) * 1000).toBeLessThan(stopMs);
  });

  test('of systemd and Kubernetes are longer than those of the application', () => {
    const [, systemd] = /^TimeoutStopSec=(\d+)$/m.exec(files.get('shop.service')!)!;
    expect(Number(systemd) * 1000).toBeGreaterThan(stopMs + outputMs);
    expect(deployment().spec.terminationGracePeriodSeconds * 1000).toBeGreaterThan(stopMs + outputMs);
  });

  test('of the probes are longer than that of a health check', () => {
    const [, limit] = /limit of a health check \((\d+) s\)/.exec(page)!;
    for (const { timeoutSeconds } of Object.values(probes())) expect(timeoutSeconds).toBeGreaterThan(Number(limit));
  });
});

test('the probes use the paths and the port of the web component', () => {
  const { startupProbe, readinessProbe, livenessProbe } = probes();
  expect(startupProbe!.httpGet.path).toBe(defaults.get('health.ready'));
  expect(readinessProbe!.httpGet.path).toBe(defaults.get('health.ready'));
  expect(livenessProbe!.httpGet.path).toBe(defaults.get('health.live'));
  const port = defaults.get('port') as number;
  expect(deployment().spec.containers[0]!.ports).toEqual([{ name: 'http', containerPort: port }]);
  expect(files.get('Dockerfile')).toContain(`\nEXPOSE ${port}\n`);
});

test('systemd, the container and Kubernetes start the application in the same way', () => {
  const [migration, command] = commands();
  const unit = files.get('shop.service')!;
  expect(unit).toContain(`\nExecStart=/usr/bin/${command.join(' ')}\n`);
  expect(unit).toContain(`\nExecStartPre=/opt/shop/${migration.join(' ')}\n`);
  const [[, target]] = Array.from(page.matchAll(/docker build --target (\w+) --tag shop-\1/g)) as [RegExpExecArray];
  expect(files.get('Dockerfile')).toContain(`\nFROM build AS ${target}\n`);
  const { initContainers, containers } = deployment().spec;
  expect(initContainers[0]!.image).toBe(containers[0]!.image.replace('/shop:', `/shop-${target}:`));
});

/** Returns the commands of the images that migrate and that run the application. */
function commands(): readonly [migration: readonly string[], run: readonly string[]] {
  const lines = files.get('Dockerfile')!.matchAll(/^CMD (\[.*\])$/gm);
  const [migration, run] = Array.from(lines, ([, line]) => JSON.parse(line!) as string[]);
  return [migration!, run!];
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly timeoutSeconds: number;
}

interface Container extends Readonly<Record<`${string}Probe`, Probe>> {
  readonly image: string & {};
  readonly ports: readonly object[] & {};
}

interface Pod {
  readonly spec: {
    readonly terminationGracePeriodSeconds: number;
    readonly initContainers: readonly Container[];
    readonly containers: readonly Container[];
  };
}

function deployment(): Pod {
  const documents = parseAllDocuments(files.get('deployment.yaml')!);
  expect(documents.map((document) => document.errors)).toEqual([[], []]);
  const { spec } = documents[0]!.toJS() as { spec: { template: Pod } };
  return spec.template;
}

function probes(): Record<string, Probe> {
  const container = deployment().spec.containers[0]!;
  return Object.fromEntries(Object.entries(container).filter(([name]) => name.endsWith('Probe'))) as Record<
    string,
    Probe
  >;
}

describe('a project', { timeout: 120_000 }, () => {
  let project: Project;

  beforeAll(async () => {
    project = await Project.create('api-sql');
    writeFileSync(join(project.folder, 'production.yaml'), files.get('production.yaml')!);
    const [, build] = /^RUN (npx .*)$/m.exec(files.get('Dockerfile')!)!;
    // The warm run must not listen on the port of the page, which may be in use on the machine of the tests.
    const set = '--set component.components.web.port=0';
    await project.run(`${build!.replaceAll('npx ', '')} ${set}`);
  }, 300_000);

  test('can start with the options and secrets of the page', async () => {
    writeFileSync(join(project.folder, 'password'), 'hunter2\n');
    const secrets = files.get('secrets.yaml')!.replace('/run/secrets/database-password', './password');
    writeFileSync(join(project.folder, 'secrets.yaml'), secrets);
    const checked = await asphalt(project.folder, ['check', 'asphalt.yaml', 'production.yaml', 'secrets.yaml']);
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining('The application can start') });
  });

  test('runs with only the files of its image, is not ready while it drains, and exits with 0', async () => {
    const container = join(project.folder, '../container');
    mkdirSync(container);
    const image = files
      .get('Dockerfile')!
      .split(/^FROM .*$/m)
      .at(-1)!;
    for (const [, source] of image.matchAll(/^COPY (?:--from=build \/app\/)?(\S+) \S+$/gm))
      cpSync(join(project.folder, source!), join(container, source!), { recursive: true });
    expect(readdirSync(container)).toEqual(['dist', 'migrations']);
    expect(readdirSync(join(container, 'dist/cache'))).toHaveLength(1);

    const port = await freePort();
    const [migration, command] = commands();
    const file = `component.components.sql.file=${join(container, 'var/notes.db')}`;
    expect(await asphalt(project.folder, [...migration.slice(1), '--set', file])).toMatchObject({ code: 0 });
    const settings = [`web.port=${port}`, 'web.drainDelay=3s'].flatMap((it) => ['--set', `component.components.${it}`]);
    const program = join(container, command[1]!);
    const options = { program, env: { NODE_ENV: 'production' } };
    const running = await start(container, settings, options).until('Application started');
    const statusOf = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    expect([await statusOf('/readyz'), await statusOf('/healthz')]).toEqual([200, 200]);

    running.send('SIGTERM');
    await eventually(async () => expect(await statusOf('/readyz')).toBe(503));
    expect([await statusOf('/notes'), await statusOf('/healthz')]).toEqual([200, 200]);
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });
});
