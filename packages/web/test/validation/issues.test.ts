import { type as ark } from 'arktype';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import fc from 'fast-check';
import * as v from 'valibot';
import { z } from 'zod';
import { describe, expect, test } from 'vitest';
import { issuesOf } from '../../src/validation/issues.ts';

async function messagesOf(schema: StandardSchemaV1, value: unknown): Promise<string[]> {
  const { issues = [] } = await schema['~standard'].validate(value);
  return issuesOf(issues, value).map(({ path, message }) => `${path}: ${message}`);
}

const mail = {
  zod: z.object({ mail: z.email(), count: z.number().max(3), kind: z.literal(['a', 'b']) }),
  valibot: v.object({
    mail: v.pipe(v.string(), v.email()),
    count: v.pipe(v.number(), v.maxValue(3)),
    kind: v.picklist(['a', 'b']),
  }),
  arktype: ark({ mail: 'string.email', count: 'number<=3', kind: "'a'|'b'" }),
};

describe('the message of a problem', () => {
  test.each(Object.entries(mail))('of %s contains no value of the request', async (_, schema) => {
    const messages = await messagesOf(schema, { mail: 'hunter2', count: 123_456, kind: 'root' });
    expect(messages.toSorted()).toMatchSnapshot();
  });

  test.each(Object.entries(mail))('of %s contains no text of any value', async (_, schema) => {
    // A text that no message contains by itself.
    const secrets = fc.string({ minLength: 4 }).map((text) => `#${text}#`);
    await fc.assert(
      fc.asyncProperty(secrets, secrets, async (one, other) => {
        const messages = (await messagesOf(schema, { mail: one, count: 1, kind: other })).join('\n');
        expect(messages).not.toContain(one);
        expect(messages).not.toContain(other);
      }),
      { numRuns: 200 },
    );
  });

  test('keeps words that are also short values', async () => {
    expect(await messagesOf(z.object({ kind: z.number() }), { kind: 'be' })).toEqual([
      'kind: Invalid input: expected number, received string',
    ]);
  });

  test('of the whole value contains none of its parts', async () => {
    const schema = z.object({ user: z.string(), password: z.string() }).refine(() => false, {
      error: ({ input }) => `Refused ${JSON.stringify(input)}`,
    });
    expect(await messagesOf(schema, { user: 'ann', password: 'hun"ter2' })).toEqual([
      ': Refused {"user":…,"password":…}',
    ]);
  });

  test('is short and replaced where the value has too many parts to search for', async () => {
    const schema = z.array(z.string()).refine(() => false, { error: () => 'x'.repeat(1000) });
    const [few] = await messagesOf(schema, ['secret']);
    expect(few).toHaveLength(202);
    expect(await messagesOf(schema, Array.from({ length: 500 }, String))).toEqual([': Invalid value']);
  });

  test('of a value of any length is found', async () => {
    const body = { name: 'x'.repeat(900_000) };
    expect(await messagesOf(z.object({ name: z.string().max(3) }), body)).toEqual([
      'name: Too big: expected string to have <=3 characters',
    ]);
  });

  test('of a value that contains itself is found', async () => {
    const value: Record<string, unknown> = { name: 'hunter2' };
    value['self'] = value;
    expect(issuesOf([{ message: 'Bad "hunter2"', path: ['self', 'self'] }], value)).toEqual([
      { path: 'self.self', message: 'Bad …' },
    ]);
  });
});

test('a path consists of keys, also of those that are objects', () => {
  const issues = [
    { message: 'wrong', path: [{ key: 'items' }, 0, Symbol('kind')] },
    { message: 'wrong', path: ['x'.repeat(500)] },
  ];
  const [first, second] = issuesOf(issues, undefined);
  expect(first!.path).toBe('items.0.Symbol(kind)');
  expect(second!.path).toHaveLength(200);
});
