import { AsphaltError, describeThrown } from './asphalt-error.ts';

/** Emits a process warning for an error that has no other receiver. */
export function warnOfFailure(error: unknown): void {
  const source = AsphaltError.is(error) && error.cause instanceof Error ? error.cause : error;
  process.emitWarning(AsphaltError.is(error) ? error.message : describeThrown(error), {
    code: 'ASPHALT_UNHANDLED_FAILURE',
    ...(source instanceof Error && source.stack !== undefined && { detail: source.stack }),
  });
}
