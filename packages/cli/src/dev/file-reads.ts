/**
 * Reports each file that is read while an application is loaded: its configuration with included files, compiler
 * settings, and files that modules read while they load, such as `.env` or a template. Ends before components read
 * files: those are data, which the application may write itself.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isOfLoader } from '../load/typescript-loader.ts';
import { isInPackage, report } from './reports.ts';

/** Starts to report. @returns a function that ends the reports */
export function reportReads(): () => void {
  const undos = [
    intercept(fs, 'readFileSync', ([file]) => reportFile(file)),
    intercept(fs, 'readFile', ([file]) => reportFile(file)),
    intercept(fs.promises, 'readFile', ([file]) => reportFile(file)),
    intercept(fs, 'openSync', ([file, flags]) => {
      if (readsOnly(flags)) reportFile(file);
    }),
    intercept(process, 'loadEnvFile', ([file = '.env']) => reportFile(file)),
  ];
  syncBuiltinESMExports();
  return () => {
    for (const undo of undos) undo();
    syncBuiltinESMExports();
  };
}

/** Calls `onCall` with the arguments of each call of a method, before the call. @returns a function that undoes this */
function intercept<K extends string>(
  owner: { [P in K]?: unknown },
  name: K,
  onCall: (args: readonly unknown[]) => void,
): () => void {
  const method = owner[name] as (...args: readonly unknown[]) => unknown;
  const proxy = new Proxy(method, {
    apply(target, self, args: unknown[]) {
      onCall(args);
      return Reflect.apply(target, self, args);
    },
  });
  owner[name] = proxy;
  return () => {
    // Keeps a method that other code has installed since.
    if (owner[name] === proxy) owner[name] = method;
  };
}

function readsOnly(flags: unknown = 'r'): boolean {
  if (typeof flags === 'number') return (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) === 0;
  return flags === 'r' || flags === 'rs';
}

/** Virtual files, whose content changes all the time. */
const virtual = /^\/(?:dev|proc|sys)\//;

function reportFile(argument: unknown): void {
  const path = argument instanceof URL ? fileURLToPath(argument) : argument;
  if (typeof path !== 'string') return;
  const file = resolve(path);
  if (!isInPackage(file) && !virtual.test(file) && !isOfLoader(file)) report({ kind: 'file', file });
}
