/** Starts other processes that use the built package. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface OtherProcess {
  readonly process: ChildProcess;
  readonly ended: Promise<{ stdout: string; stderr: string; code: number | string | null }>;
}

/** Runs code with a database in the variable `db` and a function `rows` that executes SQL in it. */
export function runWithDatabase(file: string | undefined, code: string): OtherProcess {
  const dist = new URL('../dist/index.js', import.meta.url).href;
  const program = `
    import { NodeSqliteDialect } from ${JSON.stringify(dist)};
    import { CompiledQuery, Kysely } from 'kysely';
    const dialect = new NodeSqliteDialect({ file: ${JSON.stringify(file)}, waitMs: 60_000 });
    const db = new Kysely({ dialect });
    const rows = async (text, ...values) => (await db.executeQuery(CompiledQuery.raw(text, values))).rows;
    ${code}
    await db.destroy();
  `;
  return runModule(program);
}

/** Runs a module that can import the built packages. */
export function runModule(program: string): OtherProcess {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([exitCode, signal]: (number | string | null)[]) => ({
    stdout,
    stderr,
    code: exitCode ?? signal ?? null,
  }));
  return { process: child, ended };
}
