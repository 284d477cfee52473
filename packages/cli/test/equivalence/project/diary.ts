/**
 * A module of every random application: what its components record and how they behave. The rendered classes call these
 * functions, so that both stay short.
 */
import {
  Context,
  defineConfig,
  listOf,
  Signal,
  type Application,
  type Component,
  type LifecycleEvent,
  type Logger,
} from '@asphalt/core';
import { AsphaltError, describeThrown, keyText } from '@asphalt/core/errors';

/** The resource of every provider. */
export class Value {
  readonly events = new Signal<number>();
  readonly #logger: Logger;

  constructor(
    readonly text: string,
    logger: Logger,
  ) {
    this.#logger = logger;
  }

  /** Logs that the owner of the value disposes of it. */
  dispose(error: unknown): void {
    this.#logger.info(`dispose <${this.text}> ${textOf(error)}`);
  }
}

/**
 * The options of the component with this number.
 *
 * @param use - the default of the resource name that it reads
 * @param isOpen - whether `more` has no default
 */
export const optionsOf = (index: number | 'root', use: string, isOpen = false) =>
  defineConfig({
    label: { doc: 'A text', format: 'string', default: '-', env: `LABEL_${index}` },
    count: { doc: 'A number', format: 'int', default: 0, env: `COUNT_${index}` },
    more: {
      doc: 'Whether optional children exist',
      format: 'boolean',
      ...(isOpen ? { required: true } : { default: false }),
    },
    use: { doc: 'The name of a resource', format: 'string', default: use },
    secret: { doc: 'A sensitive text', format: 'string', sensitive: true, default: 'none', env: `SECRET_${index}` },
    list: { doc: 'Several texts', format: listOf('string'), default: [] },
  });

type Instance = Component<ReturnType<typeof optionsOf>>;

/** Logs a call of a component with its options and the received values. */
export function note(part: Instance, what: string, ...values: readonly unknown[]): void {
  const { label, count, more, use, secret, list } = part.config;
  const options = [JSON.stringify(label), count, more, use, secret.length, ...list].join(',');
  part.logger.info(`${what} (${options}) ${values.map(textOf).join(' ')}`.trimEnd());
}

/** Logs and throws the failure of a component. */
export function fail(part: Instance, what: string): never {
  note(part, `${what} fails`);
  throw new Error(`${what} of ${part.path} failed`);
}

/** Creates the resource of a component. */
export function valueOf(part: Instance): Value {
  return new Value(`value of ${part.path} ${part.config.count}`, part.logger);
}

/** Returns the name of a component's resources. */
export function nameOf({ alias }: Instance): string {
  return alias.split('/')[1] ?? 'default';
}

function textOf(value: unknown): string {
  if (value instanceof Value) return `<${value.text}>`;
  if (value instanceof Map) return `{${Array.from(value, ([name, each]) => `${name}: ${textOf(each)}`).join(', ')}}`;
  if (value instanceof AbortSignal) return `signal${value.aborted ? ' aborted' : ''}`;
  if (value instanceof Context) return `context ${value.name}`;
  if (value instanceof Error) return errorText(value);
  if (typeof value === 'object' && value !== null && 'get' in value) return deferredText(value as { get(): unknown });
  return String(value);
}

function deferredText(deferred: { get(): unknown }): string {
  try {
    return `deferred ${textOf(deferred.get())}`;
  } catch (error) {
    return `deferred ${errorText(error)}`;
  }
}

/** Returns an error with its code, on one line. */
export function errorText(error: unknown): string {
  const code = AsphaltError.is(error) ? ` ${error.code}` : '';
  return `[${describeThrown(error).replaceAll('\n', ' | ')}${code}]`;
}

let waiting = 0;

/** Returns whether no component waits for turns. Then only time can end a wait. */
export function isIdle(): boolean {
  return waiting === 0;
}

/** Waits for a number of turns of the event loop. */
export async function turns(count: number): Promise<void> {
  waiting++;
  for (let left = count; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
  waiting--;
}

/** Waits until a signal aborts, and keeps the process alive. */
export function hang(abort: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setInterval(() => undefined, 2 ** 30);
    const end = (): void => {
      clearInterval(timer);
      reject(abort.reason);
    };
    if (abort.aborted) end();
    else abort.addEventListener('abort', end, { once: true });
  });
}

/** Never ends, and does not keep the process alive. */
export function stall(): Promise<never> {
  return new Promise(() => undefined);
}

/** Logs all events of the lifecycle. */
export function observe({ lifecycle }: Application, logger: Logger): void {
  lifecycle.subscribe((event) => logger.info(eventText(event)));
}

function eventText(event: LifecycleEvent): string {
  if (event.type === 'application') return `event application ${event.state}`;
  const subject = `event ${event.type} "${event.component.path}"`;
  switch (event.type) {
    case 'component':
      return `${subject} ${event.state}`;
    case 'step':
      return `${subject} ${event.step} ${event.state}`;
    case 'waiting':
      return `${subject} ${event.step} ${keyText(event.key)}`;
    case 'found':
      return `${subject} ${event.step} ${keyText(event.key)} ${event.publisher}`;
    case 'published':
      return `${subject} ${event.step} ${event.keys.map(keyText).join(', ')}`;
    case 'progress':
      return `${subject} ${event.step} ${event.text}`;
  }
}

export interface Operation {
  readonly kind: 'restart' | 'stopComponent' | 'startComponent' | 'health' | 'waiting' | 'setLogLevel';
  readonly path: string;
}

/** Performs an operation of the application and logs its result. */
export async function operate(application: Application, logger: Logger, { kind, path }: Operation): Promise<void> {
  try {
    logger.info(`${kind} ${path}: ${await resultOf(application, kind, path)}`);
  } catch (error) {
    logger.info(`${kind} ${path}: ${errorText(error)}`);
  }
}

async function resultOf(application: Application, kind: Operation['kind'], path: string): Promise<string> {
  switch (kind) {
    case 'health': {
      const { status, checks } = await application.health();
      return `${status} ${checks.map((check) => `${check.component} ${check.status}`).join(', ')}`;
    }
    case 'waiting':
      return application.waiting().length.toString();
    case 'setLogLevel':
      application.setLogLevel(path, 'error');
      application.setLogLevel(path, 'info');
      return 'changed';
    default:
      await application[kind](path);
      return 'done';
  }
}

/** Stops the application and logs an error of the stop. */
export function stop(application: Application, logger: Logger, reason: unknown): void {
  application.stop(reason).catch((error: unknown) => logger.info(`the stop failed: ${errorText(error)}`));
}

/** Stops the application after a number of turns, possibly during its start. */
export async function stopAfter(
  count: number,
  application: Application,
  logger: Logger,
  reason: unknown,
): Promise<void> {
  await turns(count);
  stop(application, logger, reason);
}
