import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { ResponseBody } from '../src/request/response-body.ts';

function bodyOf(init: string | Uint8Array | URLSearchParams): ResponseBody {
  return new ResponseBody(new Response(init).body!);
}

async function rest(body: ResponseBody): Promise<string> {
  let text = '';
  for (let chunk = await body.next(); chunk !== undefined; chunk = await body.next())
    text += Buffer.from(chunk).toString();
  return text;
}

async function* instantly(parts: number): AsyncGenerator<Uint8Array> {
  for (let part = 0; part < parts; part++) yield Buffer.from(`${part} `);
}

describe('a body is whole', () => {
  test.each([
    ['a short string', 'hello', 5],
    ['a long string', 'x'.repeat(5_000_000), 5_000_000],
    ['bytes', new Uint8Array(100_000), 100_000],
    ['a form', new URLSearchParams({ page: '1' }), 6],
    ['an empty string', '', 0],
  ])('when it is %s', async (_, init, length) => {
    expect((await bodyOf(init).whole())?.byteLength).toBe(length);
  });

  test('when it is a stream that waits for nothing', async () => {
    const whole = await new ResponseBody(ReadableStream.from(instantly(3))).whole();
    expect(Buffer.from(whole!).toString()).toBe('0 1 2 ');
  });
});

describe('a body is not whole', () => {
  test('when it comes from a file, and then none of it is lost', async () => {
    const file = fileURLToPath(import.meta.url);
    const body = new ResponseBody(Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>);
    expect(await body.whole()).toBeUndefined();
    expect(await rest(body)).toContain('then none of it is lost');
  });

  test('when more parts are there than should be read at a stretch', async () => {
    const body = new ResponseBody(ReadableStream.from(instantly(100)));
    expect(await body.whole()).toBeUndefined();
    expect((await rest(body)).split(' ')).toHaveLength(101);
  });

  test('when it never ends, however fast it comes', async () => {
    const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(Buffer.from('.')) });
    const body = new ResponseBody(endless);
    expect(await body.whole()).toBeUndefined();
    await body.cancel();
  });
});

test('a source that fails at once makes reading ahead fail', async () => {
  const failing = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('no rows')) });
  await expect(new ResponseBody(failing).whole()).rejects.toThrow('no rows');
});

test('cancelling cancels the source and ends a pending read', async () => {
  let reason: unknown;
  const silent = new ReadableStream<Uint8Array>({
    pull: () => new Promise(() => {}),
    cancel: (why) => {
      reason = why;
    },
  });
  const body = new ResponseBody(silent);
  expect(await body.whole()).toBeUndefined();
  const next = body.next();
  await body.cancel('enough');
  expect(await next).toBeUndefined();
  expect(reason).toBe('enough');
});
