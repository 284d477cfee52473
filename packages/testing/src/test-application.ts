import {
  Application,
  Component,
  provides,
  type ApplicationOptions,
  type ComponentClass,
  type PlanOptions,
  type ServiceIdentifier,
} from '@asphalt/core';
import { planApplication, type Plan } from '@asphalt/core/inspect';
import { captureLogs, type LogLine } from './captured-logs.ts';
import { NoFailureError, UntakenFailuresError } from './errors.ts';
import { completed, type Fake } from './fake.ts';

/** A key, the object that takes the place of its resource, and the resource's name (default: `default`). */
export type Replacement<T> = readonly [id: ServiceIdentifier<T>, fake: Fake<NoInfer<T>>, name?: string];

/** @typeParam R - the types of the replaced resources */
export interface TestApplicationOptions<R extends readonly unknown[] = readonly []>
  extends Pick<PlanOptions, 'config'>, Pick<ApplicationOptions, 'startTimeout' | 'stopTimeout'> {
  /**
   * Fakes that take the place of resources. The providers of these keys do not run, and components that published only
   * these keys, or only what replaced providers needed, do not start.
   */
  readonly replace?: { readonly [K in keyof R]: Replacement<R[K]> };
}

/** An application whose failures fail the test. */
export class TestApplication extends Application {
  /** All lines that the application and its components have logged. */
  readonly logs: readonly LogLine[];
  readonly #failures: unknown[];

  /** Call {@link startTestApplication} instead. */
  constructor(plan: Plan, options: Pick<ApplicationOptions, 'startTimeout' | 'stopTimeout'> = {}) {
    const { logger, lines } = captureLogs();
    const failures: unknown[] = [];
    super(plan, { ...options, logger, onError: (error) => void failures.push(error) });
    this.logs = lines;
    this.#failures = failures;
  }

  /**
   * Removes the first failure that is an instance of a class, or has a cause that is one, from those that fail the test.
   *
   * @returns the instance
   * @throws {@link NoFailureError} if the application has not reported one
   */
  takeFailure<E>(type: abstract new (...args: never[]) => E): E {
    for (const [index, failure] of this.#failures.entries()) {
      const found = withCauses(failure).find((each): each is E => each instanceof type);
      if (found === undefined) continue;
      this.#failures.splice(index, 1);
      return found;
    }
    throw new NoFailureError(type.name, [...this.#failures]);
  }

  /**
   * Stops the application.
   *
   * @throws {@link UntakenFailuresError} when the application reported failures that the test has not taken
   * @throws the errors of `Application#stop`
   */
  override async stop(reason?: unknown): Promise<void> {
    await super.stop(reason);
    // A further call, such as that of `await using`, does not throw again.
    const failures = this.#failures.splice(0);
    if (failures.length > 0) throw new UntakenFailuresError(failures);
  }
}

/**
 * Starts an application for a test. Stop it with `await using` or `stop()`, which rejects if the application reported
 * failures that the test has not taken. {@link testApplication} stops it itself.
 *
 * @param root - root component; `undefined` if the loaded configuration names it
 * @throws the errors of `startApplication`
 */
export async function startTestApplication<const R extends readonly unknown[] = readonly []>(
  root: ComponentClass | undefined,
  options: TestApplicationOptions<R> = {},
): Promise<TestApplication> {
  const { config, replace, startTimeout, stopTimeout } = options;
  const replacements = replace && componentOf(replace as ReadonlyArray<Replacement<unknown>>);
  const plan = await planApplication(root, { ...(config && { config }), replacements });
  const application = new TestApplication(plan, { startTimeout, stopTimeout });
  await application.start();
  return application;
}

/** The context that a test function of `node:test` or vitest receives. */
export type TestContext =
  | { readonly after: (stop: () => Promise<void>) => void }
  | { readonly onTestFinished: (stop: () => Promise<void>) => void };

/**
 * Starts an application that stops after the test, also if the test fails. The test fails if the application reported
 * failures that the test has not taken.
 *
 * @param test - the argument of the test function
 * @param root - root component; `undefined` if the loaded configuration names it
 * @throws the errors of `startApplication`
 */
export async function testApplication<const R extends readonly unknown[] = readonly []>(
  test: TestContext,
  root: ComponentClass | undefined,
  options: TestApplicationOptions<R> = {},
): Promise<TestApplication> {
  const application = await startTestApplication(root, options);
  const stop = (): Promise<void> => application.stop();
  if ('after' in test) test.after(stop);
  else test.onTestFinished(stop);
  return application;
}

/** Returns an error and its causes. A cause may be the error itself, or one that was found before. */
function withCauses(error: unknown): unknown[] {
  const chain = new Set<unknown>();
  for (let at = error; !chain.has(at); at = at instanceof Error ? at.cause : undefined) chain.add(at);
  return [...chain];
}

/** Returns a component that provides each fake. */
function componentOf(replacements: ReadonlyArray<Replacement<unknown>>): ComponentClass {
  class Replacements extends Component {}
  for (const [index, [id, fake, name]] of replacements.entries()) {
    const member = `replacement ${index + 1}`;
    const descriptor = {
      configurable: true,
      writable: true,
      value: () => completed(id, fake as object | null | undefined),
    };
    Object.defineProperty(Replacements.prototype, member, descriptor);
    const decorate = provides(id, { ...(name !== undefined && { name }) }) as MethodDecorator;
    decorate(Replacements.prototype, member, descriptor);
  }
  return Replacements;
}
