/** Bundles the command: what its start needs is one file, and what a command needs is loaded when it is carried out. */
import { bundlesOf } from '../../scripts/bundle.mjs';

const bundles = bundlesOf(
  import.meta.dirname,
  {
    main: 'src/main.ts',
    // These are part of built applications.
    'built/main': 'src/built/main.ts',
    'code-cache/start': 'src/code-cache/start.ts',
    // These are loaded by their path, into another process or another thread.
    'dev/standby': 'src/dev/standby.ts',
    'dev/module-hooks': 'src/dev/module-hooks.ts',
    'dev/thread-start': 'src/dev/thread-start.ts',
    'load/typescript-hooks': 'src/load/typescript-hooks.ts',
    'load/typescript-loader': 'src/load/typescript-loader.ts',
  },
  [
    ['src/terminal/package-files.ts', 'src/terminal/printable.ts'],
    ['src/built/arguments.ts'],
    ['src/program/program.ts'],
    ['src/run/run.ts'],
  ],
);

/** Commander loads what starts other programs, for commands that are programs of their own. We have none. */
const withoutPrograms = {
  name: 'without-programs',
  resolveId: (id, importer) =>
    id === 'node:child_process' && importer.includes('/commander/') ? '\0no-programs' : undefined,
  load: (id) => (id === '\0no-programs' ? 'export {}' : undefined),
};

export default { ...bundles, plugins: [...bundles.plugins, withoutPrograms] };
