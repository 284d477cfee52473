import { ApplicationProcess, tellsModules } from './application-process.ts';

/** The application that runs now should have the machine for itself while it starts. */
const pauseMs = 700;

/** Makes processes for an application, the next one in advance. */
export class NextProcess {
  readonly #make: () => ApplicationProcess;
  #ready: ApplicationProcess | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(...args: ConstructorParameters<typeof ApplicationProcess>) {
    this.#make = () => new ApplicationProcess(...args);
  }

  /** Lets the application start in the process that stands by, and has another one stand by soon. */
  start(): ApplicationProcess {
    clearTimeout(this.#timer);
    const started = this.#ready ?? this.#make();
    this.#ready = undefined;
    if (tellsModules) this.#timer = setTimeout(() => (this.#ready = this.#make()), pauseMs);
    started.begin();
    return started;
  }

  discard(): void {
    clearTimeout(this.#timer);
    this.#ready?.signal('SIGKILL');
  }
}
