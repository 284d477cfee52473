/** Starts and stops a built application, so that it writes its code cache. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ApplicationArguments } from '../load/application-config.ts';
import { WarmRunError } from './errors.ts';

/** @throws {@link WarmRunError} when the application does not start and stop without an error */
export async function warmRun(target: string, { envFiles }: Pick<ApplicationArguments, 'envFiles'>): Promise<void> {
  const args = [join(target, 'main.js'), '--warm', ...envFiles.flatMap((file) => ['--env-file', file])];
  const ended = await new Promise<string | undefined>((settle) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', (error) => settle(error.message));
    child.on('close', (code, signal) => settle(code === 0 ? undefined : (signal ?? `code ${code}`)));
  });
  if (ended !== undefined) throw new WarmRunError(target, ended);
}
