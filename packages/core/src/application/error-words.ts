/** What the messages of errors about starting and stopping have in common. */
import { AsphaltError, describeThrown } from '../errors/asphalt-error.ts';

/** How messages call the whole, where a part of it could be meant as well. */
export const theApplication = 'the application';

export function capitalized(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}

/** The message of an error of ours, one line for any other. */
export function wholeText(error: unknown): string {
  return AsphaltError.is(error) ? error.message : describeThrown(error);
}
