import { Application, type ApplicationOptions, type ComponentClass } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';
import { settled } from './gate.ts';

/** The result of a start. */
export interface Outcome {
  error?: unknown;
  started?: true;
}

/** Starts an application and waits until only external events can continue the start. */
export async function begin(
  root: ComponentClass,
  options: ApplicationOptions = {},
): Promise<{ app: Application; outcome: Outcome; start: Promise<void> }> {
  const app = new Application(await planApplication(root), options);
  const outcome: Outcome = {};
  const start = app.start().then(
    () => void (outcome.started = true),
    (error: unknown) => void (outcome.error = error),
  );
  await settled();
  return { app, outcome, start };
}
