import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@asphalt/test-support';

import { expect, onTestFinished, test, vi } from 'vitest';

import { MailDeliveryError, MailerConfigError } from '../src/errors.ts';
import { FileMailer } from '../src/file-mailer.ts';
import { parse } from './mail-server.ts';

const message = { from: 'ada@example.org', to: 'bob@example.org', bcc: 'eve@example.org', subject: 'Engine' };

test('the file mailer creates its folder and writes one complete message per file', async () => {
  const folder = join(tempFolder(), 'out', 'mail');
  const mailer = new FileMailer({ folder });
  const sent = await mailer.send({ ...message, text: 'It runs.', attachments: [{ filename: 'a.txt', content: 'A' }] });
  const [name, ...others] = await readdir(folder);
  const source = await readFile(sent.file!);

  expect(others).toEqual([]);
  expect(sent).toMatchObject({ file: join(folder, name!), accepted: ['bob@example.org', 'eve@example.org'] });
  expect(name).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-0000-[0-9a-f]{8}\.eml$/);
  expect(await parse(source)).toMatchObject({
    messageId: sent.messageId,
    from: { address: 'ada@example.org' },
    to: [{ address: 'bob@example.org' }],
    subject: 'Engine',
    text: 'It runs.\n',
    attachments: [{ filename: 'a.txt' }],
  });
  expect(source.toString()).not.toMatch(/^bcc:|eve@/im);
});

test('file names sort in the order of sending, within a millisecond and when the clock is set back', async () => {
  const folder = tempFolder();
  const mailer = new FileMailer({ folder });
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-01T12:00:00.007Z') });
  onTestFinished(() => void vi.useRealTimers());
  const files: (string | undefined)[] = [];
  for (let n = 0; n < 12; n++) {
    if (n === 6) vi.setSystemTime(new Date('2026-03-01T11:00:00Z'));
    files.push((await mailer.send(message)).file);
  }
  vi.setSystemTime(new Date('2026-03-01T12:00:01Z'));
  files.push((await mailer.send(message)).file);
  const names = (await readdir(folder)).sort();

  expect(names.map((name) => join(folder, name))).toEqual(files);
  expect(names[11]).toMatch(/^2026-03-01T12-00-00-007Z-0011-/);
  expect(names[12]).toMatch(/^2026-03-01T12-00-01-000Z-0000-/);
});

test('a reader of the folder sees complete messages only', async () => {
  const folder = tempFolder();
  const mailer = new FileMailer({ folder });
  const content = 'x'.repeat(4 * 1024 * 1024);
  let writing = true;
  const send = async (): Promise<void> => {
    for (let n = 0; n < 6; n++) await mailer.send({ ...message, attachments: [{ filename: 'big.txt', content }] });
  };
  const sent = send().finally(() => (writing = false));

  const read = new Map<string, number>();
  while (writing) {
    for (const name of await readdir(folder)) {
      if (name.endsWith('.eml') && !read.has(name)) read.set(name, (await readFile(join(folder, name))).length);
    }
  }
  await sent;

  expect(read.size).toBeGreaterThan(0);
  for (const [name, length] of read) expect(await readFile(join(folder, name))).toHaveLength(length);
  expect(await readdir(folder)).toHaveLength(6);
});

test('closing the file mailer waits until the files are complete', async () => {
  const folder = tempFolder();
  const mailer = new FileMailer({ folder });
  void mailer.send(message);
  void mailer.send(message);
  await mailer.close();

  expect(await readdir(folder)).toHaveLength(2);
});

test('a message that cannot be written fails with a MailDeliveryError', async () => {
  const file = join(tempFolder(), 'file');
  await writeFile(file, '');
  const error: unknown = await new FileMailer({ folder: file }).send(message).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(MailDeliveryError);
  expect(error).toMatchObject({ failure: 'folder', server: undefined, cause: { code: 'EEXIST' } });
  expect((error as Error).message.replaceAll(file, '/mail')).toMatchInlineSnapshot(`
    "A mail was not delivered: the file could not be written
      mail         "Engine"
      folder       /mail
      recipients   bob@example.org, eve@example.org
      got          EEXIST: file already exists, mkdir '/mail'
      help         check that the folder is writable and the disk has space
      code         ERR_MAIL_DELIVERY"
  `);
});

test('a folder that cannot be created fails with a MailerConfigError', async () => {
  const file = join(tempFolder(), 'file');
  await writeFile(file, '');
  const error: unknown = await new FileMailer({ folder: file }).createFolder().catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(MailerConfigError);
  expect((error as Error).message.replaceAll(file, '/mail')).toMatchInlineSnapshot(`
    "A mailer cannot create its \`folder\`
      path         /mail
      got          EEXIST: file already exists, mkdir '/mail'
      help         set \`folder\` to a folder that exists or can be created
      code         ERR_MAIL_CONFIG"
  `);
});
