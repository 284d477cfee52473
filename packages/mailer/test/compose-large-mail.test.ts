import { text as textOf } from 'node:stream/consumers';

import { describe, expect, test } from 'vitest';

import { composeMail } from '../src/compose-mail.ts';
import type { MailMessage } from '../src/mail-message.ts';
import { parse } from './mail-server.ts';

const plain = { from: 'Ada <ada@example.org>', to: 'bob@example.org', subject: 'Engine', text: 'It runs.' };

describe('a large mail', () => {
  const size = 10_000_000;
  const lines = 'Grüße an alle. '.repeat(size / 16);
  const large: [string, Partial<MailMessage>][] = [
    ['attachment', { attachments: [{ filename: 'a.bin', content: Buffer.alloc(size, 'binary') }] }],
    ['text', { text: lines }],
    ['html', { html: lines }],
  ];

  test.each(large)('is composed in many turns of the event loop: %s', async (_, content) => {
    let turns = 0;
    let counting: NodeJS.Immediate;
    const count = (): void => {
      turns++;
      counting = setImmediate(count);
    };
    counting = setImmediate(count);
    const source = await textOf((await composeMail({ ...plain, ...content })).createReadStream());
    clearImmediate(counting);

    expect(source.length).toBeGreaterThan(size);
    // Pieces of 64 KiB take 153 turns.
    expect(turns).toBeGreaterThan(150);
  });

  test.each(large)('arrives unchanged: %s', async (_, content) => {
    const source = await textOf((await composeMail({ ...plain, text: undefined, ...content })).createReadStream());
    const { text, html, attachments } = await parse(source);

    expect({
      text,
      html,
      attachments: attachments.map((each) => Buffer.from(each.content as ArrayBuffer).toString()),
    }).toEqual({
      text: content.text && `${lines}\n`,
      html: content.html && `${lines}\n`,
      attachments: content.attachments === undefined ? [] : [Buffer.alloc(size, 'binary').toString()],
    });
  });

  test('can be read several times', async () => {
    const mail = await composeMail({ ...plain, attachments: [{ filename: 'a.txt', content: 'A'.repeat(200_000) }] });
    const [first, second] = [await textOf(mail.createReadStream()), await textOf(mail.createReadStream())];
    const contentOf = async (source: string): Promise<unknown> => (await parse(source)).attachments[0]?.content;

    expect(first).toContain(mail.messageId);
    expect(second).toContain(mail.messageId);
    expect(await contentOf(second)).toEqual(await contentOf(first));
  });
});
