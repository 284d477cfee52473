import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { appWith, asphalt, useAsphalt, type ProcessOptions } from '../asphalt-process.ts';

useAsphalt();

const compiler = fileURLToPath(new URL('../../../../node_modules/.bin/tsc', import.meta.url));

const app = `
import { Component } from '@asphalt/core';
import { checked } from '@asphalt/core/checked';
import { Account, Level } from './account.ts';

export class Bank {
  @checked() open(_account: Account, _owner: string, _level: Level, _since?: Date, _tags: string[] = []): Account {
    return new Account();
  }
  @checked() async balance(account: Account): Promise<number | undefined> {
    return account.balance;
  }
}

export class App extends Component {
  override async start(): Promise<void> {
    const bank = new Bank();
    bank.open(new Account(), 'Ann', Level.high, new Date());
    const wrong = JSON.parse(process.env.WRONG ?? '{}');
    const outcomes: string[] = [];
    for (const call of [
      () => bank.open(wrong, 'Ann', Level.high),
      () => bank.open(new Account(), wrong, Level.high),
      () => bank.open(new Account(), 'Ann', wrong),
      () => bank.open(new Account(), 'Ann', Level.high, wrong),
      () => bank.open(new Account(), 'Ann', Level.high, undefined, wrong),
      () => bank.balance(new Account()),
    ]) {
      try {
        await call();
        outcomes.push('passes');
      } catch (error) {
        outcomes.push((error as Error).message.split('\\n')[0]!);
      }
    }
    throw new Error(outcomes.join(' | '));
  }
}
`;

const account = `
export enum Level { low, high }

export class Account {
  readonly balance: number = 12;
  close(): void {}
}
`;

const checks = [
  '`_account` of Bank.open() must be an instance of Account, got an empty object',
  '`_owner` of Bank.open() must be a string, got an empty object',
  '`_level` of Bank.open() must be a number, got an empty object',
  '`_since` of Bank.open() must be an instance of Date, got an empty object',
  '`_tags` of Bank.open() must be an array, got an empty object',
  '@checked() cannot check Bank.balance(): it returns a number, but the type is unknown',
].join(' | ');
const none = 'passes | passes | passes | passes | passes | passes';

const tsconfig =
  '{ "extends": "@asphalt/core/tsconfig.json", "compilerOptions": { "outDir": "dist", "types": ["node"] } }';

function folderOf(): string {
  return appWith({ 'app.ts': app, 'account.ts': account, 'tsconfig.json': tsconfig });
}

async function outcome(folder: string, module: string, options?: ProcessOptions): Promise<string> {
  const { stderr } = await asphalt(folder, ['run', '--set', `component.type=${module}:App`], options);
  return /failed to start: Error: (.*)/.exec(stderr)?.[1] ?? stderr;
}

describe('@checked() under asphalt run', () => {
  test('checks TypeScript sources', async () => {
    expect(await outcome(folderOf(), './app.ts')).toBe(checks);
  });

  test('checks the output of tsc with the same messages', async () => {
    const folder = folderOf();
    execFileSync(compiler, ['--project', folder, '--typeRoots', join(compiler, '../../@types')], { cwd: folder });
    expect(await outcome(folder, './dist/app.js')).toBe(checks);
  });

  test('does not check in production', async () => {
    expect(await outcome(folderOf(), './app.ts', { env: { NODE_ENV: 'production' } })).toContain(none);
  });

  test('reports missing types under a tsconfig without emitDecoratorMetadata', async () => {
    const folder = appWith({
      'app.ts': app,
      'account.ts': account,
      'tsconfig.json':
        '{ "extends": "@asphalt/core/tsconfig.json", "compilerOptions": { "emitDecoratorMetadata": false } }',
    });
    expect(await outcome(folder, './app.ts')).toContain(
      '@checked() cannot check Bank.open(): its types were not emitted',
    );
  });

  test('reports the line of the faulty call in the TypeScript source', async () => {
    const folder = appWith({
      'app.ts': `
import { Component } from '@asphalt/core';
import { checked } from '@asphalt/core/checked';

interface Unused { readonly removed: string }

class Words {
  @checked() say(_word: string): void {}
}

export class App extends Component {
  override start(): void {
    new Words().say(5 as never);
  }
}
`,
    });
    const { stderr } = await asphalt(folder, ['run', '--set', 'component.type=./app.ts:App']);
    expect(stderr).toContain('called at    app.ts:13\n');
  });
});
