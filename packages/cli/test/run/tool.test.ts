/** Command-line tools as processes; the numbers are those of the original's own test cases. */
import { describe, expect, test } from 'vitest';
import { appWith, asphalt, start, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const tool = (body: string): string =>
  appWith({
    'app.js': `
import { CliComponent } from '@asphalt/core';
export class Tool extends CliComponent {
  async run(abort) {
    this.context.onTeardown(() => this.logger.info('Teardown callback called'));
    ${body}
  }
}
`,
  });
const args = ['run', '--set', 'component.type=./app.js:Tool'];
const lines = [
  'INFO  Running in development mode',
  'INFO  Starting application',
  'INFO  Application started: 1 component in <time>',
  'INFO  Teardown callback called',
  'INFO  Application stopped',
];

describe('a tool', () => {
  test('adds teardown callbacks that see its context when the application ends (A037)', async () => {
    const folder = appWith({
      'app.js': `
import { CliComponent, token } from '@asphalt/core';
import { currentContext, getResourceSync, onTeardown } from '@asphalt/core/ambient';
const Name = token('Name');
export class Tool extends CliComponent {
  async run(abort, own) {
    this.context.addResource(Name, 'of the tool');
    this.context.onTeardown(() => console.log('component', currentContext() === this.context, getResourceSync(Name)));
    onTeardown(() => console.log('run', currentContext() === own));
  }
}
`,
    });
    const { code, stdout } = await asphalt(folder, args);
    expect(code).toBe(0);
    const said = stdout.split('\n').filter((line) => /^(?:run|component) |Application stopped/.test(line));
    expect(said).toEqual(['run true', 'component true of the tool', 'INFO  Application stopped']);
  });

  test.each([
    ['', 0],
    ['return 5;', 5],
    ['return 20;', 20],
  ])('whose run does "%s" ends the process with %i (A032, A033, A180, A187)', async (body, code) => {
    const ended = await asphalt(tool(body), args);
    expect(ended).toEqual({ code, signal: null, stdout: `${lines.join('\n')}\n`, stderr: '' });
  });

  test('with a result that is no exit code ends with 1 and a warning (A034)', async () => {
    const { code, stdout } = await asphalt(tool('return 128;'), args);
    expect(code).toBe(1);
    expect(stdout).toContain('WARN  exit code out of range: 128\n');
  });

  test('that throws ends with 1 and its own error (A036)', async () => {
    const { code, stderr } = await asphalt(tool("throw new Error('blah');"), args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Task "Tool\.run" failed: Error: blah\n/);
    expect(stderr).toContain('at Tool.run (app.js:');
  });

  test('is cancelled by a signal, and ends with 1', async () => {
    const folder = tool(`
      const timer = setInterval(() => {}, 1000);
      console.log('working');
      await new Promise((resolve) => abort.addEventListener('abort', resolve));
      clearInterval(timer);
      abort.throwIfAborted();`);
    const running = await start(folder, args).until('working');
    await running.until('Application started');
    const { code, stdout, stderr } = await running.send('SIGINT').ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('Received signal (Interrupt)');
  });
});
