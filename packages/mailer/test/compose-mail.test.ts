import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { tempFolder } from '@asphalt/test-support';

import { describe, expect, test } from 'vitest';

import { composeMail, withDefaults, type ComposedMail } from '../src/compose-mail.ts';
import { MailMessageError } from '../src/errors.ts';
import type { MailMessage } from '../src/mail-message.ts';
import { parse } from './mail-server.ts';

const plain = { from: 'Ada <ada@example.org>', to: 'bob@example.org', subject: 'Engine', text: 'It runs.' };

/** Composes a message and reads its source. */
async function compose(message: MailMessage): Promise<ComposedMail & { readonly source: string }> {
  const mail = await composeMail(message);
  return { ...mail, source: await textOf(mail.createReadStream()) };
}

async function refusal(message: MailMessage): Promise<MailMessageError> {
  const error: unknown = await composeMail(message).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof MailMessageError) return error;
  throw new Error('the message was not refused', { cause: error });
}

describe('a composed mail', () => {
  test('contains every field of the message', async () => {
    const { source, messageId } = await compose({
      from: { name: 'Ada Lovelace', address: 'ada@example.org' },
      to: ['bob@example.org', 'Čeněk <cenek@example.org>'],
      cc: 'dan@example.org, Eve <eve@example.org>',
      replyTo: 'office@example.org',
      subject: 'Änderung: 1 → 2',
      text: 'Grüße',
      html: '<p>Grüße <img src="cid:dot"></p>',
      headers: { 'X-Watch': 'news', 'List-Id': ['<news.example.org>'] },
      attachments: [
        { filename: 'notes.txt', content: 'first\nsecond' },
        { filename: 'dot.png', cid: 'dot', content: new Uint8Array([137, 80, 78, 71]) },
      ],
    });
    const mail = await parse(source);

    expect(mail).toMatchObject({
      messageId,
      from: { name: 'Ada Lovelace', address: 'ada@example.org' },
      to: [
        { name: '', address: 'bob@example.org' },
        { name: 'Čeněk', address: 'cenek@example.org' },
      ],
      cc: [
        { name: '', address: 'dan@example.org' },
        { name: 'Eve', address: 'eve@example.org' },
      ],
      replyTo: [{ name: '', address: 'office@example.org' }],
      subject: 'Änderung: 1 → 2',
      text: 'Grüße\n',
      html: '<p>Grüße <img src="cid:dot"></p>\n',
    });
    expect(mail.headers.filter(({ key }) => ['x-watch', 'list-id'].includes(key)).map(({ value }) => value)).toEqual([
      'news',
      '<news.example.org>',
    ]);
    expect(
      mail.attachments.map(({ filename, mimeType, disposition, content }) => ({
        filename,
        mimeType,
        disposition,
        bytes: Buffer.from(content as ArrayBuffer).toString('latin1'),
      })),
    ).toEqual([
      { filename: 'dot.png', mimeType: 'image/png', disposition: 'inline', bytes: '\x89PNG' },
      { filename: 'notes.txt', mimeType: 'text/plain', disposition: 'attachment', bytes: 'first\nsecond' },
    ]);
  });

  test('goes to each recipient in To, Cc and Bcc once', async () => {
    const mail = await composeMail({
      ...plain,
      to: ['bob@example.org', 'dan@example.org'],
      cc: 'Bob <bob@example.org>',
      bcc: ['eve@example.org'],
    });

    expect(mail.sender).toBe('ada@example.org');
    expect(mail.recipients).toEqual(['bob@example.org', 'dan@example.org', 'eve@example.org']);
  });

  test('names no Bcc recipient anywhere in its source', async () => {
    const { source } = await compose({ ...plain, bcc: 'Secret Reader <eve@example.org>' });

    expect(source).not.toMatch(/^bcc:|eve|secret/im);
  });

  test('ends every line with CRLF', async () => {
    const { source } = await compose({ ...plain, text: 'one\ntwo\r\nthree' });

    expect(source.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect((await parse(source)).text).toBe('one\ntwo\nthree\n');
  });

  test('contains no injected header if its fields contain line breaks', async () => {
    const evil = 'x\r\nBcc: eve@example.org\r\nX-Evil: 1';
    const { source, recipients } = await compose({
      from: { name: evil, address: 'ada@example.org' },
      to: { name: evil, address: 'bob@example.org' },
      subject: evil,
      headers: { 'X-Note': evil, [evil]: 'x' },
      attachments: [{ filename: evil, contentType: evil, cid: evil, content: '' }],
    });

    expect(recipients).toEqual(['bob@example.org']);
    expect(source).not.toMatch(/^(bcc|x-evil):/im);
  });

  test('contains the file of an attachment with a path, under the name of the file', async () => {
    const folder = tempFolder({ 'report.csv': 'a,b\n' });
    const { source } = await compose({ ...plain, attachments: [{ path: join(folder, 'report.csv') }] });
    const [attachment] = (await parse(source)).attachments;

    expect(attachment).toMatchObject({ filename: 'report.csv', mimeType: 'text/csv' });
    expect(Buffer.from(attachment?.content as ArrayBuffer).toString()).toBe('a,b\n');
  });
});

describe('composing rejects a message', () => {
  test('without a sender', async () => {
    const { from: _, ...message } = plain;

    expect((await refusal(message)).message).toMatchInlineSnapshot(`
      "A mail has no sender
        mail         "Engine"
        help         set \`from\` of the message to one address
                     or set \`from\` in the configuration of the mailer
        code         ERR_MAIL_MESSAGE"
    `);
  });

  test('with two senders', async () => {
    const error = await refusal({ ...plain, from: 'ada@example.org, bob@example.org' });

    expect(error.message).toMatchInlineSnapshot(`
      "A mail has 2 senders instead of one
        mail         "Engine"
        help         set \`from\` of the message to one address
                     or set \`from\` in the configuration of the mailer
        code         ERR_MAIL_MESSAGE"
    `);
  });

  test.each([{}, { to: [] }, { to: '', cc: [], bcc: '' }])('without a recipient: %j', async (recipients) => {
    const { to: _, ...message } = plain;

    expect((await refusal({ ...message, ...recipients })).summary).toBe('A mail has no recipient');
  });

  test('without a recipient and suggests fixes', async () => {
    expect((await refusal({ from: 'ada@example.org' })).message).toMatchInlineSnapshot(`
      "A mail has no recipient
        help         set \`to\`, \`cc\` or \`bcc\` of the message
                     or set \`to\` in the configuration of the mailer
        code         ERR_MAIL_MESSAGE"
    `);
  });

  test.each(['from', 'to', 'cc', 'bcc', 'replyTo'] as const)('with a malformed address in `%s`', async (field) => {
    const error = await refusal({ ...plain, [field]: 'Bob' });

    expect(error.summary).toBe(`A mail has a malformed address in \`${field}\``);
  });

  test('with one malformed address among several and names it', async () => {
    expect((await refusal({ ...plain, to: ['bob@example.org', { address: 'dan' }] })).message).toMatchInlineSnapshot(`
      "A mail has a malformed address in \`to\`
        mail         "Engine"
        got          "dan"
        help         write it as "name@domain" or "Display Name <name@domain>"
        code         ERR_MAIL_MESSAGE"
    `);
  });

  test('with recipients in a header', async () => {
    expect((await refusal({ ...plain, headers: { bcc: 'eve@example.org' } })).message).toMatchInlineSnapshot(`
      "A mail sets an address header in \`headers\`
        mail         "Engine"
        got          "bcc"
        help         use the fields \`from\`, \`to\`, \`cc\`, \`bcc\` or \`replyTo\` of the message
        code         ERR_MAIL_MESSAGE"
    `);
  });

  test('with an attachment that cannot be read', async () => {
    const error = await refusal({ ...plain, attachments: [{ path: './no-such-file.pdf' }] });

    expect(error.cause).toMatchObject({ code: 'ENOENT' });
    expect(error.message.replace(/'[^']*no-such/, "'…/no-such")).toMatchInlineSnapshot(`
      "A mail has an attachment that cannot be read
        mail         "Engine"
        path         ./no-such-file.pdf
        got          ENOENT: no such file or directory, access '…/no-such-file.pdf'
        help         correct \`path\` of the attachment, or set its \`content\`
        code         ERR_MAIL_MESSAGE"
    `);
  });

  test('with a folder as an attachment', async () => {
    const error = await refusal({ ...plain, attachments: [{ path: tmpdir() }] });

    expect(error.message).toContain('got          it is a folder');
    expect(error.temporary).toBe(false);
  });

  test('with a URL as the path of an attachment, without fetching it', async () => {
    const error = await refusal({ ...plain, attachments: [{ path: 'http://127.0.0.1:1/report.pdf' }] });

    expect(error.cause).toMatchObject({ code: 'ENOENT' });
  });
});

describe('defaults', () => {
  const defaults = {
    from: 'news@example.org',
    to: 'ops@example.org',
    replyTo: 'office@example.org',
    headers: { 'X-App': 'watch', 'X-Env': 'test' },
  };

  test('fill in the fields that a message does not set', () => {
    expect(withDefaults({ text: 'hello' }, defaults)).toEqual({ ...defaults, text: 'hello' });
  });

  test('are overridden by the message, header by header', () => {
    const message = { from: 'ada@example.org', to: 'bob@example.org', replyTo: 'me@example.org' };

    expect(withDefaults({ ...message, headers: { 'X-Env': 'live' } }, defaults)).toEqual({
      ...message,
      headers: { 'X-App': 'watch', 'X-Env': 'live' },
    });
  });

  test.each([{ cc: 'bob@example.org' }, { bcc: 'bob@example.org' }, { to: [] }])(
    'add no recipient to a message that has a recipient field: %j',
    (recipients) => {
      expect(withDefaults(recipients, defaults).to).toEqual('to' in recipients ? [] : undefined);
    },
  );
});
