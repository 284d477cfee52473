/** Text helpers for errors about starting and stopping. */
import { AsphaltError, describeThrown } from '../errors/asphalt-error.ts';

/** Names the whole application in messages that may also name a component. */
export const theApplication = 'the application';

export function capitalized(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}

/** Returns the full message of an `AsphaltError` and one line for any other error. */
export function wholeText(error: unknown): string {
  return AsphaltError.is(error) ? error.message : describeThrown(error);
}
