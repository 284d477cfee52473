/**
 * Tells each file that is read while an application is loaded: its configuration and what that takes in, compiler
 * settings, and what modules read as they are loaded, such as `.env` or a template. What components read later is
 * data, which the application may write itself.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isOfLoader } from '../load/typescript-loader.ts';
import { isInPackage, report } from './reports.ts';

/** @returns what ends this */
export function reportReads(): () => void {
  const undo = [
    hear(fs, 'readFileSync', ([file]) => tell(file)),
    hear(fs, 'readFile', ([file]) => tell(file)),
    hear(fs.promises, 'readFile', ([file]) => tell(file)),
    hear(fs, 'openSync', ([file, flags]) => {
      if (readsOnly(flags)) tell(file);
    }),
    hear(process, 'loadEnvFile', ([file = '.env']) => tell(file)),
  ];
  syncBuiltinESMExports();
  return () => {
    for (const end of undo) end();
    syncBuiltinESMExports();
  };
}

/** Calls a function with the arguments of a method each time before that is called; @returns what ends this */
function hear<K extends string>(
  owner: { [P in K]?: unknown },
  name: K,
  told: (args: readonly unknown[]) => void,
): () => void {
  const method = owner[name] as (...args: readonly unknown[]) => unknown;
  const heard = new Proxy(method, {
    apply(target, self, args: unknown[]) {
      told(args);
      return Reflect.apply(target, self, args);
    },
  });
  owner[name] = heard;
  return () => {
    // Whoever has put something of their own in its place keeps that.
    if (owner[name] === heard) owner[name] = method;
  };
}

function readsOnly(flags: unknown = 'r'): boolean {
  if (typeof flags === 'number') return (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) === 0;
  return flags === 'r' || flags === 'rs';
}

/** What the system makes up as it is read changes all the time. */
const madeUp = /^\/(?:dev|proc|sys)\//;

function tell(what: unknown): void {
  const path = what instanceof URL ? fileURLToPath(what) : what;
  if (typeof path !== 'string') return;
  const file = resolve(path);
  if (!isInPackage(file) && !madeUp.test(file) && !isOfLoader(file)) report({ kind: 'file', file });
}
