import fc from 'fast-check';
import { errorOf } from '@asphalt/test-support';
import { expect, test } from 'vitest';
import { JsonSerializer, PayloadError } from '../src/index.ts';

const json = new JsonSerializer();

test('every JSON value survives a round trip', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      expect(JSON.stringify(json.deserialize(json.serialize(value)))).toBe(JSON.stringify(value));
    }),
  );
});

test.each([
  [undefined, 'undefined'],
  [() => 1, 'function'],
  [Symbol('x'), 'symbol'],
  [1n, 'Do not know how to serialize a BigInt'],
])('the value %o cannot be written as JSON', async (value, evidence) => {
  const error = await errorOf(() => json.serialize(value), PayloadError);
  expect(error.message).toContain(`got          ${evidence}`);
});

test.each(['{"login":"hunter2"', '', '{} {}'])('the payload %j is refused without quoting it', async (text) => {
  const error = await errorOf(() => json.deserialize(Buffer.from(text)), PayloadError);
  expect(error.direction).toBe('read');
  expect(error.message).not.toContain('hunter2');
});

test('bytes that are not UTF-8 are refused', async () => {
  const error = await errorOf(() => json.deserialize(Buffer.from([0x22, 0xff, 0x22])), PayloadError);
  expect(error.message).toMatchInlineSnapshot(`
    "A payload is not valid JSON
      got          3 bytes
      help         use the same serializer on both sides
      code         ERR_PAYLOAD"
  `);
});
