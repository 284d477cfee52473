/**
 * Defines the commands that work on one application, which configuration files and `--set` specify. Imports their
 * modules only when a command runs.
 */
import { Option, type Command } from 'commander';
import type { CheckFormat } from '../inspect/check.ts';
import {
  duration,
  formatOption,
  sourcesOf,
  withExamples,
  withSourceOptions,
  withSources,
  type SourceFlags,
} from './command-definitions.ts';
import type { ExplainFormat } from '../inspect/explain.ts';
import type { HealthFormat } from '../health/format.ts';
import type { GraphFormat } from '../inspect/graph.ts';
import { ownManifest } from '../terminal/package-files.ts';
import type { Shell } from '../terminal/shell.ts';
import type { TimelineFormat } from '../timeline/command.ts';
import { withWatchOptions } from './watch-options.ts';
import type { WatchOptions } from '../run/watched-run.ts';

/** Adds the commands. Each one loads its module only when it runs: help and version do not need it. */
export function addApplicationCommands(program: Command, shell: Shell): void {
  const { stdout } = shell;
  const { version } = ownManifest();

  const run = withWatchOptions(withSources(program.command('run')))
    .description('Check an application, start it and run it until it is stopped.')
    .action((files: string[], { watchdog, failOnBlocking, ...flags }: SourceFlags & WatchOptions) => {
      const args = sourcesOf(run, files, flags);
      return shell.perform(async () =>
        (await import('../run/run.ts')).run({ ...args, watchdog, failOnBlocking, shell }),
      );
    });
  withExamples(
    run,
    'asphalt.yaml',
    'asphalt.yaml staging.yaml --set component.components.web.port=8080',
    '--set component.type=./app.ts:App',
    'asphalt.yaml --fail-on-blocking 200ms',
  );

  const dev = withSources(program.command('dev'))
    .description('Run an application and restart it on file changes.')
    .action((files: string[], flags: SourceFlags) => {
      if (files.includes('-')) dev.error('cannot read standard input twice: name configuration files');
      const args = sourcesOf(dev, files, flags);
      return shell.perform(async () => (await import('../dev/dev.ts')).dev(args, stdout));
    });
  withExamples(dev, 'asphalt.yaml', 'asphalt.yaml --set component.components.web.port=8080');

  const check = withSources(program.command('check'))
    .description('Check an application without starting it and report all problems.')
    .addOption(new Option('--all-services', 'check every service of the configuration').conflicts('service'))
    .addOption(formatOption('text', 'json', 'sarif'))
    .action((files: string[], { format, allServices = false, ...flags }: CheckFlags) => {
      const args = sourcesOf(check, files, flags);
      return shell.perform(async () =>
        (await import('../inspect/check.ts')).check({ ...args, allServices, format, version, stdout }),
      );
    });
  withExamples(check, 'asphalt.yaml', 'asphalt.yaml --all-services', 'asphalt.yaml --format sarif > asphalt.sarif');

  const build = withSources(program.command('build'))
    .description('Build an application into a folder that runs without its sources and packages.')
    .option('-o, --output <folder>', 'new folder, or the folder of an earlier build', 'dist')
    .option('--include-secrets', 'write sensitive values of the files to the folder (default: leave them out)')
    .option('--no-warm', 'skip the run that writes the code cache')
    .option('--docker', 'write a Dockerfile and a .dockerignore, unless they exist')
    .option('--systemd', 'write a systemd unit, unless it exists')
    .action((files: string[], flagsOfBuild: BuildFlags) => {
      const { output, includeSecrets = false, warm, docker = false, systemd = false, ...flags } = flagsOfBuild;
      const args = sourcesOf(build, files, flags);
      return shell.perform(async () =>
        (await import('../build/build.ts')).build({ ...args, output, includeSecrets, warm, docker, systemd, shell }),
      );
    });
  withExamples(build, 'asphalt.yaml', 'asphalt.yaml production.yaml -o dist --no-warm');

  const graph = withSources(program.command('graph'))
    .description('Draw the dependency graph.')
    .addOption(formatOption('tree', 'mermaid', 'dot', 'svg', 'html', 'json'))
    .action((files: string[], { format, ...flags }: SourceFlags & { format: GraphFormat }) => {
      const args = sourcesOf(graph, files, flags);
      return shell.perform(async () => (await import('../inspect/graph.ts')).graph({ ...args, format, stdout }));
    });
  withExamples(
    graph,
    'asphalt.yaml',
    'asphalt.yaml --format svg > graph.svg',
    'asphalt.yaml --format html > graph.html',
  );

  const timeline = withSources(program.command('timeline'))
    .description('Profile the startup of an application.')
    .addOption(formatOption('text', 'json', 'svg', 'trace'))
    .option('-o, --output <file>', 'output file (default: standard output)')
    .action((files: string[], { format, output, ...flags }: TimelineFlags) => {
      const args = sourcesOf(timeline, files, flags);
      return shell.perform(async () =>
        (await import('../timeline/command.ts')).timeline({ ...args, format, output, shell }),
      );
    });
  withExamples(
    timeline,
    'asphalt.yaml',
    'asphalt.yaml --format svg --output start.svg',
    'asphalt.yaml --format trace --output start.json',
  );

  const explain = withSources(
    program.command('explain').argument('<key>', 'resource key: `Type`, or `Type/name` for a named resource'),
  )
    .description('Show which component provides a resource and which components need it.')
    .addOption(formatOption('text', 'json'))
    .action((key: string, files: string[], { format, ...flags }: SourceFlags & { format: ExplainFormat }) => {
      const args = sourcesOf(explain, files, flags);
      return shell.perform(async () =>
        (await import('../inspect/explain.ts')).explain({ ...args, key, format, stdout }),
      );
    });
  withExamples(explain, 'Database asphalt.yaml', 'Mailer/bulk asphalt.yaml --format json');

  const health = withSourceOptions(
    program.command('health').argument('[target...]', 'URL of a health endpoint; with --list, configuration files'),
  )
    .description('Query the health of a running application, or list its health checks.')
    .option('-l, --list', 'list the health checks of an application without starting it')
    .option('-t, --timeout <limit>', 'time limit of the query (default: 5s)', duration)
    .addOption(formatOption('text', 'json'))
    .action((targets: string[], { list = false, timeout = 5000, format, ...flags }: HealthFlags) => {
      if (list) {
        const args = sourcesOf(health, targets, flags, 'list');
        return shell.perform(async () =>
          (await import('../health/list.ts')).listHealthChecks({ ...args, format, stdout }),
        );
      }
      const [target = '', ...more] = targets;
      if (more.length > 0 || !/^(?:https?|unix):/i.test(target) || !URL.canParse(target))
        health.error('expected the URL of one health endpoint; with --list, configuration files');
      const url = new URL(target);
      return shell.perform(async () =>
        (await import('../health/query.ts')).queryHealth({ url, timeoutMs: timeout, format, stdout }),
      );
    });
  withExamples(
    health,
    'http://localhost:8080/readyz',
    'http://localhost:8080/healthz --timeout 500ms',
    'unix:/run/shop.sock:/readyz',
    '--list asphalt.yaml',
  );
}

interface HealthFlags extends SourceFlags {
  readonly list?: boolean;
  readonly timeout?: number;
  readonly format: HealthFormat;
}

interface CheckFlags extends SourceFlags {
  readonly format: CheckFormat;
  readonly allServices?: boolean;
}

interface BuildFlags extends SourceFlags {
  readonly output: string;
  readonly includeSecrets?: boolean;
  readonly warm: boolean;
  readonly docker?: boolean;
  readonly systemd?: boolean;
}

interface TimelineFlags extends SourceFlags {
  readonly format: TimelineFormat;
  readonly output?: string;
}
