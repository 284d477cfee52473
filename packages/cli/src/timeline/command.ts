/** `asphalt timeline`: starts an application, stops it and profiles the start. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AsphaltError, runApplication, type Application } from '@asphalt/core';
import { describeThrown } from '@asphalt/core/errors';
import { lineWriter } from '../terminal/log-lines.ts';
import { createLogger } from '../terminal/logger.ts';
import type { Paint } from '../terminal/paint.ts';
import { loadApplicationConfig, type ApplicationArguments } from '../load/application-config.ts';
import { StartReport } from '../run/start-report.ts';
import type { Shell } from '../terminal/shell.ts';
import { timelineOf, type Timeline } from '../recording/timeline.ts';

/** The writer of each format. Its module is loaded on demand. */
const writers = {
  text: async () => (await import('./text.ts')).timelineText,
  json: async () => (timeline: Timeline) => `${JSON.stringify(timeline, thousandths, 2)}\n`,
  svg: async () => (await import('./svg.ts')).timelineSvg,
  trace: async () => (await import('./trace.ts')).timelineTrace,
} as const;

export type TimelineFormat = keyof typeof writers;

export interface TimelineOptions extends ApplicationArguments {
  readonly shell: Shell;
  readonly format: TimelineFormat;
  /** The output file. Defaults to standard output. */
  readonly output?: string | undefined;
}

/** Thrown when the output file cannot be written. */
export class OutputFileError extends AsphaltError {
  readonly code = 'ERR_OUTPUT_FILE';

  constructor(
    readonly file: string,
    cause: unknown,
  ) {
    super(
      {
        summary: `Cannot write ${file}`,
        details: [['cause', describeThrown(cause)]],
        help: 'name a file in an existing, writable folder',
      },
      { cause },
    );
  }
}

/**
 * Starts and stops the application, and writes the timeline of its start.
 *
 * @returns the exit code: 0 when the application started and stopped, 1 after a failure
 */
export async function timeline({ shell, format, output, ...args }: TimelineOptions): Promise<number> {
  const { stdout, stderr, showFailure } = shell;
  const config = await loadApplicationConfig(args);
  process.setSourceMapsEnabled(true);
  // Standard output contains only the timeline. Output of the application goes to standard error.
  const restore = redirect(process.stdout, process.stderr);
  const logger = createLogger({ level: 'warn', levels: {} }, await lineWriter({ format: 'pretty' }, stderr));
  const { startTimeout = 10_000, stopTimeout } = config.settings;
  let recorded: { readonly application: Application; readonly report: StartReport } | undefined;
  let hasStarted = false;
  let failure: Promise<unknown> | undefined;
  const code = await runApplication(undefined, {
    config,
    startTimeout,
    stopTimeout,
    logger,
    ownsProcess: true,
    onCreated: (application) => {
      recorded = { application, report: new StartReport(application, logger, shell) };
      application.lifecycle.subscribe((event) => {
        if (event.type !== 'application' || event.state !== 'started') return;
        hasStarted = true;
        // `onFailure` receives the error, so it needs no handling here.
        application.stop().catch(() => undefined);
      });
    },
    onFailure: (error) => {
      failure = showFailure(error);
    },
  });
  await failure;
  restore();
  if (!recorded || !hasStarted) return 1;
  const write = await writers[format]();
  const { application, report } = recorded;
  const isFile = output !== undefined;
  const text = write(timelineOf(application.plan, report.recording), isFile ? plain : stdout.paint);
  if (isFile) writeOutput(resolve(output), text);
  else stdout.write(text);
  return code;
}

const plain: Paint = (_, text) => text;

function writeOutput(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    // The error comes from the operating system, so its stack is not useful.
    if (error instanceof Error) error.stack = String(error);
    throw new OutputFileError(file, error);
  }
}

/** Redirects everything that is written to a stream to another one. @returns a function that undoes this */
function redirect(from: NodeJS.WriteStream, to: NodeJS.WriteStream): () => void {
  // oxlint-disable-next-line typescript/unbound-method -- restored below
  const { write } = from;
  from.write = to.write.bind(to) as typeof write;
  return () => {
    from.write = write;
  };
}

/** Rounds numbers for `JSON.stringify()` to three decimals, because clocks are not more precise. */
function thousandths(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}
