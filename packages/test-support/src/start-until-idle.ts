import { Application, type ApplicationOptions, type ComponentClass } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { settled } from './settled.ts';

/** A start that has ended, or that waits for an external event. */
export interface IdleStart {
  readonly app: Application;
  /** The result of the start; empty while it waits. */
  readonly outcome: { readonly error?: unknown; readonly started?: true };
  /** Resolves when the start has ended, even if it failed. */
  readonly start: Promise<void>;
}

/** Starts an application and waits until only external events can continue the start. */
export async function startUntilIdle(root: ComponentClass, options: ApplicationOptions = {}): Promise<IdleStart> {
  const app = new Application(await planApplication(root), options);
  const outcome: { error?: unknown; started?: true } = {};
  const start = app.start().then(
    () => void (outcome.started = true),
    (error: unknown) => void (outcome.error = error),
  );
  await settled();
  return { app, outcome, start };
}
