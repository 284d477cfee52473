/**
 * The `logging` setting as configuration files may say it. Core writes no logs itself; whoever does, such as the
 * command line, reads the setting and tells what is wrong in it.
 */
import { isPlainObject, type PlainObject } from './merge.ts';
import type { StandardSchema } from './standard-schema.ts';

const level = { enum: ['debug', 'info', 'warn', 'error', 'silent'] };

const jsonSchema = {
  anyOf: [
    level,
    {
      type: 'object',
      properties: {
        level: { ...level, description: 'The least important lines that are written.', default: 'info' },
        levels: {
          type: 'object',
          description: 'Levels by component path; they hold for the components below, too.',
          additionalProperties: level,
        },
        format: { enum: ['pretty', 'json'], description: 'Lines for people, or one JSON object each.' },
        file: { type: 'string', minLength: 1, description: 'The file that lines are appended to.' },
      },
      additionalProperties: false,
    },
  ],
};

export const loggingSetting: StandardSchema<string | PlainObject> = {
  '~standard': {
    version: 1,
    vendor: 'logging',
    jsonSchema: { input: () => jsonSchema },
    validate: (value) =>
      typeof value === 'string' || isPlainObject(value)
        ? { value }
        : { issues: [{ message: 'it is the name of a level or a mapping' }] },
  },
};
