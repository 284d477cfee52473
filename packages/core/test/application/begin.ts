import { Application, planApplication, type ApplicationOptions, type ComponentClass } from '@asphalt/core';
import { settled } from './gate.ts';

/** What became of a start. */
export interface Outcome {
  error?: unknown;
  started?: true;
}

/** An application that has begun to start, as far as it gets without anybody outside. */
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
