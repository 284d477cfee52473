import type { ApplicationArguments } from '../load/application-config.ts';
import { ApplicationProcess, canStandBy } from './application-process.ts';

/** The delay before the next process is created, so that it does not slow down the start of the current one. */
const pauseMs = 500;

/** Creates the processes of an application, each one in advance. */
export class NextProcess {
  readonly #create: (packages: ReadonlySet<string>) => ApplicationProcess;
  #current: ApplicationProcess | undefined;
  #standby: ApplicationProcess | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param onFile - called with each file that the application consists of or looks for */
  constructor(args: ApplicationArguments, onFile: (file: string) => void) {
    this.#create = (packages) => new ApplicationProcess(args, packages, onFile);
  }

  /** Starts the application in the standby process, or in a new one if the standby process is outdated. */
  start(changed: readonly string[]): ApplicationProcess {
    if (!this.#standby?.isReady(changed)) this.#discard();
    const started = this.#standby ?? this.#create(this.#current?.packages ?? new Set());
    started.start();
    this.#current = started;
    this.#standby = undefined;
    if (canStandBy) void started.loaded.then(() => this.#prepareAfter(started));
    return started;
  }

  /** Ends the standby process and creates no more processes. */
  end(): void {
    this.#current = undefined;
    this.#discard();
  }

  #discard(): void {
    clearTimeout(this.#timer);
    this.#standby?.signal('SIGKILL');
    this.#standby = undefined;
  }

  /** Creates the next process. Called after the application has loaded, when the packages that it imports are known. */
  #prepareAfter(application: ApplicationProcess): void {
    this.#timer = setTimeout(() => {
      if (application === this.#current) this.#standby = this.#create(application.packages);
    }, pauseMs);
  }
}
