import type { ApplicationArguments } from '../load/plan.ts';
import { ApplicationProcess, standsBy } from './application-process.ts';

/** The application that runs now should have the machine for itself while it starts. */
const pauseMs = 500;

/** Makes processes for an application, the next one in advance. */
export class NextProcess {
  readonly #make: (packages: ReadonlySet<string>) => ApplicationProcess;
  #current: ApplicationProcess | undefined;
  #standby: ApplicationProcess | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param uses - is told each file that the application consists of, or looks for */
  constructor(args: ApplicationArguments, uses: (file: string) => void) {
    this.#make = (packages) => new ApplicationProcess(args, packages, uses);
  }

  /** Lets the application start, in the process that stands by where nothing that this has loaded has changed. */
  start(changed: readonly string[]): ApplicationProcess {
    if (!this.#standby?.standsReady(changed)) this.#discard();
    const started = this.#standby ?? this.#make(this.#current?.packages ?? new Set());
    started.begin();
    this.#current = started;
    this.#standby = undefined;
    if (standsBy) void started.loaded.then(() => this.#prepareAfter(started));
    return started;
  }

  /** Makes no more of them, and ends the one that stands by. */
  end(): void {
    this.#current = undefined;
    this.#discard();
  }

  #discard(): void {
    clearTimeout(this.#timer);
    this.#standby?.signal('SIGKILL');
    this.#standby = undefined;
  }

  /** By then it is known which packages the application imports. */
  #prepareAfter(application: ApplicationProcess): void {
    this.#timer = setTimeout(() => {
      if (application === this.#current) this.#standby = this.#make(application.packages);
    }, pauseMs);
  }
}
