import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/program/program.ts';
import { Shell } from '../../src/terminal/shell.ts';
import { completionScript } from '../../src/completion/completion.ts';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const program = createProgram(new Shell());
const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

/** What each shell offers for the last of these words. */
const offers = {
  bash: (words: string[]): string => {
    const script = `${completionScript(program, 'bash')}
      COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _asphalt; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script, 'bash', 'asphalt', ...words], { encoding: 'utf8' });
  },
  fish: (words: string[]): string => {
    const folder = appWith({ 'asphalt.fish': completionScript(program, 'fish') });
    const script = `source ${join(folder, 'asphalt.fish')}; complete -C 'asphalt ${words.join(' ')}'`;
    const home = { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, PATH: process.env['PATH'] };
    return execFileSync('fish', ['-N', '-c', script], { encoding: 'utf8', cwd: folder, env: home });
  },
};

describe.each(['bash', 'fish'] as const)('%s offers', (shell) => {
  const offered = (...words: string[]): string[] =>
    offers[shell](words)
      .split('\n')
      .map((line) => line.split('\t')[0]!)
      .filter((line) => line !== '')
      .sort();

  test.skipIf(!isThere(shell))('commands, and commands of commands', () => {
    expect(offered('co')).toEqual(['completion', 'components', 'config']);
    expect(offered('config', '')).toEqual(['diff', 'docs', 'help', 'schema', 'show']);
  });

  test.skipIf(!isThere(shell))('the options of a command', () => {
    expect(offered('graph', '--f')).toEqual(['--format']);
    expect(offered('config', 'show', '--o')).toEqual(['--origin']);
    expect(offered('run', '--f')).toEqual(['--fail-on-blocking']);
  });

  test.skipIf(!isThere(shell))('what an option or an argument may be', () => {
    expect(offered('graph', '--format', '')).toEqual(['dot', 'html', 'json', 'mermaid', 'svg', 'tree']);
    expect(offered('check', '--format', 's')).toEqual(['sarif']);
    expect(offered('completion', '')).toEqual(['bash', 'fish', 'zsh']);
  });
});

test.skipIf(!isThere('zsh'))('the script for zsh has no mistake of syntax', () => {
  const { status, stderr } = spawnSync('zsh', ['-n'], { input: completionScript(program, 'zsh'), encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('the command prints the script', async () => {
  const { code, stdout, stderr } = await asphalt(appWith({}), ['completion', 'bash']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(completionScript(program, 'bash'));
});
