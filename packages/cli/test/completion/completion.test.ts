import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/program/program.ts';
import { Shell } from '../../src/terminal/shell.ts';
import { completionScript } from '../../src/completion/completion.ts';
import { appWith, asphalt, useAsphalt } from '../asphalt-process.ts';

useAsphalt();

const program = createProgram(new Shell());
const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

/** The completions of each shell for the last of these words. */
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

  test.skipIf(!isThere(shell))('commands and their subcommands', () => {
    expect(offered('co')).toEqual(['completion', 'components', 'config']);
    expect(offered('config', '')).toEqual(['diff', 'docs', 'help', 'schema', 'show']);
  });

  test.skipIf(!isThere(shell))('the options of a command', () => {
    expect(offered('graph', '--f')).toEqual(['--format']);
    expect(offered('config', 'show', '--o')).toEqual(['--origin']);
    expect(offered('run', '--f')).toEqual(['--fail-on-blocking']);
  });

  test.skipIf(!isThere(shell))('the choices of an option or an argument', () => {
    expect(offered('graph', '--format', '')).toEqual(['dot', 'html', 'json', 'mermaid', 'svg', 'tree']);
    expect(offered('check', '--format', 's')).toEqual(['sarif']);
    expect(offered('completion', '')).toEqual(['bash', 'fish', 'zsh']);
  });
});

/** The words that a shell can offer at one point of a command line, according to the definitions of the commands. */
interface Choice {
  readonly line: readonly string[];
  readonly words: readonly string[];
}

function choicesOf(command: Command, path: readonly string[] = []): Choice[] {
  const help = command.createHelp();
  const below = help.visibleCommands(command);
  const options = help.visibleOptions(command);
  const names = options.flatMap(({ short, long }) => [short, long]).filter((name) => name !== undefined);
  const values = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  return [
    { line: [...path, ''], words: [...below.map((child) => child.name()), ...values] },
    { line: [...path, '-'], words: names },
    ...options
      .filter(({ required }) => required)
      .map(({ long, argChoices = [] }) => ({ line: [...path, long!, ''], words: argChoices })),
    ...below.flatMap((child) => choicesOf(child, [...path, child.name()])),
  ];
}

test.skipIf(!isThere('bash'))('bash offers the commands, options and choices of every command', () => {
  const choices = choicesOf(program);
  const calls = choices.map(
    ({ line }) =>
      `COMP_WORDS=(asphalt ${line.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${line.length}; _asphalt; echo "\${COMPREPLY[*]}"`,
  );
  const script = [completionScript(program, 'bash'), ...calls].join('\n');
  const offered = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n').slice(0, -1);
  expect(choices.length).toBeGreaterThan(40);
  expect(choices.map(({ line }, index) => ({ line, words: offered[index]!.split(' ') }))).toEqual(
    choices.map(({ line, words }) => ({ line, words: words.length > 0 ? words : [''] })),
  );
});

test.each(['bash', 'zsh', 'fish'] as const)('the script for %s contains every command, option and choice', (shell) => {
  const script = completionScript(program, shell);
  const words = choicesOf(program).flatMap(({ words: all }) => all);
  const missing = words.filter((word) => !new RegExp(`(?<!\\w)${word.replace(/^--?/, '')}(?![\\w-])`).test(script));
  expect(missing).toEqual([]);
});

test.skipIf(!isThere('zsh'))('the script for zsh has no syntax errors', () => {
  const { status, stderr } = spawnSync('zsh', ['-n'], { input: completionScript(program, 'zsh'), encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('the command prints the script', async () => {
  const { code, stdout, stderr } = await asphalt(appWith({}), ['completion', 'bash']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(completionScript(program, 'bash'));
});
