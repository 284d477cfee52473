import type { StandardSchema } from '@asphalt/core';
import type { StandardIssue } from '@asphalt/core/config';
import { MessageSchemaError } from './errors.ts';

/** Validates the payloads of a queue or a topic. */
export class MessageSchema<T> {
  readonly #subject: string;
  readonly #schema: StandardSchema<unknown, T>;

  constructor(subject: string, schema: StandardSchema<unknown, T>) {
    this.#subject = subject;
    this.#schema = schema;
  }

  /** Returns the output of the schema. @throws {@link MessageSchemaError} when the value does not fit */
  async validate(value: unknown): Promise<T> {
    const result = await this.#schema['~standard'].validate(value);
    if (result.issues) throw new MessageSchemaError(this.#subject, result.issues.map(describeIssue));
    return result.value;
  }
}

function describeIssue({ path = [], message }: StandardIssue): string {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return keys.length === 0 ? message : `${keys.join('.')}: ${message}`;
}
