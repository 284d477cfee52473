import { STATUS_CODES } from 'node:http';

/** The text of a response that has no other, such as `Payload Too Large`. */
export function textOf(status: number): string {
  return STATUS_CODES[status] ?? String(status);
}
