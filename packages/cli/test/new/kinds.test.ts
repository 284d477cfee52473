/** Checks, tests, builds and runs a project of each kind. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireBuild } from '@asphalt/test-support/build';
import { freePort } from '@asphalt/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectKinds, type ProjectKind } from '../../src/new/kinds.ts';
import { useAsphalt } from '../asphalt-process.ts';
import { Project } from './project.ts';

useAsphalt();
beforeAll(() => requireBuild('packages/testing', 'packages/integration'));

describe.each(projectKinds)('a project of the kind %s', { timeout: 120_000 }, (kind) => {
  let project: Project;

  beforeAll(async () => {
    project = await Project.create(kind);
  }, 60_000);

  test('has correct types and can start', async () => {
    expect(await project.run(project.manifest.scripts.check)).toMatch(/^The application can start/);
  });

  test('passes its own tests', async () => {
    expect(await project.run(project.manifest.scripts.test)).toMatch(/Tests {2}\d+ passed \(\d+\)/);
  });

  test('runs in its built form without the sources', async () => {
    const { build } = project.manifest.scripts;
    expect(await project.run(build)).toMatch(build.includes('asphalt build') ? /^Built \d component/ : /^$/);
    if (kind === 'api-sql') await project.run('asphalt db migrate asphalt.yaml production.yaml');
    rmSync(join(project.folder, 'src'), { recursive: true });
    // The package of the kind `cli` has dependencies; the others contain them.
    if (kind !== 'cli') rmSync(join(project.folder, 'node_modules'), { recursive: true });
    await runs[kind](project);
  });
});

const runs: Record<ProjectKind, (project: Project) => Promise<void>> = {
  async basic(project) {
    const running = await project.start('--set', 'component.components.clock.every=10ms').until(/Hello, it is \d/);
    expect(await running.send('SIGTERM').ended).toMatchObject({ code: 0, stderr: '' });
  },

  api: (project) => useNotes(project),

  'api-sql': (project) => useNotes(project),

  async worker(project) {
    const inbox = join(project.folder, 'var/inbox');
    mkdirSync(inbox, { recursive: true });
    writeFileSync(join(inbox, 'note.txt'), 'one two three');
    const running = await project.start().until('note.txt: 3 words');
    expect(await running.send('SIGTERM').ended).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(inbox)).toEqual(['failed']);
  },

  async cli(project) {
    writeFileSync(join(project.folder, 'note.txt'), 'one two three');
    const { start: script } = project.manifest.scripts;
    expect(await project.run(`${script} --min 4 note.txt`)).toBe('1 note.txt\n');
    await expect(project.run(`${script} missing.txt`)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Cannot read missing.txt: ENOENT'),
    });
    await expect(project.run(`${script} --min four`)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('`component.min` must be a whole number'),
    });
    await expect(project.run(`${script} --max 4`)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Unknown option '--max'"),
    });
  },
};

async function useNotes(project: Project): Promise<void> {
  const port = await freePort();
  const running = await project.start('--set', `component.components.web.port=${port}`).until('Application started');
  const url = `http://127.0.0.1:${port}/notes`;
  const add = (note: object): Promise<Response> =>
    fetch(url, { method: 'POST', body: JSON.stringify(note), headers: { 'content-type': 'application/json' } });
  expect((await add({ title: 'Milk', text: 'two liters' })).status).toBe(201);
  expect((await add({ title: 'Milk' })).status).toBe(400);
  expect(await (await fetch(url)).json()).toMatchObject([{ title: 'Milk' }]);
  expect(await running.send('SIGTERM').ended).toMatchObject({ code: 0, stderr: '' });
}
