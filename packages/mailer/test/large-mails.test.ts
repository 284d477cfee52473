/** Sends many large mails from a process whose memory is too small for all of them. */
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tempFolder } from '@asphalt/test-support';

import { expect, test } from 'vitest';

import { startMailServer } from './mail-server.ts';

const count = 50;
const attachmentMb = 6;
/** Composed at once, the mails take 410 MB; an idle process takes 70 MB. */
const limitMb = 250;

const script = `
  import { FileMailer, MemoryMailer, SmtpMailer } from '@asphalt/mailer';

  const { backend, port, folder, path } = JSON.parse(process.argv[1]);
  const mailer =
    backend === 'smtp' ? new SmtpMailer({ host: '127.0.0.1', port, tls: 'off' }) :
    backend === 'file' ? new FileMailer({ folder }) : new MemoryMailer();
  const attachment = path === undefined ? { filename: 'a.bin', content: Buffer.alloc(${attachmentMb} * 1_000_000) } : { path };
  const message = { from: 'ada@example.org', to: 'bob@example.org', text: 'See there.', attachments: [attachment] };
  const sent = await Promise.all(Array.from({ length: ${count} }, () => mailer.send(message)));
  await mailer.close();
  console.log(JSON.stringify({ sent: sent.length, peakMb: process.resourceUsage().maxRSS / 1024 }));
`;

async function sendMany(backend: string, more: object): Promise<{ readonly sent: number; readonly peakMb: number }> {
  const args = [
    '--max-old-space-size=64',
    '--input-type=module',
    '--eval',
    script,
    JSON.stringify({ backend, ...more }),
  ];
  const env = { PATH: process.env['PATH'] };
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, env });
  return JSON.parse(stdout) as { sent: number; peakMb: number };
}

/** Starts a server that discards the messages it receives. */
async function startSink(): Promise<{ readonly port: number; readonly messages: () => number }> {
  let messages = 0;
  const { port } = await startMailServer({
    onData(stream, _session, done) {
      stream.resume().on('end', () => {
        messages++;
        done();
      });
    },
  });
  return { port, messages: () => messages };
}

test.each(['content', 'path'])(
  'backend "smtp" composes a mail only when a connection is free (attachment with %s)',
  async (kind) => {
    const sink = await startSink();
    const path = kind === 'path' ? join(tempFolder(), 'large.bin') : undefined;
    if (path !== undefined) await writeFile(path, Buffer.alloc(attachmentMb * 1_000_000));
    const { sent, peakMb } = await sendMany('smtp', { port: sink.port, path });

    expect(sent).toBe(count);
    expect(sink.messages()).toBe(count);
    expect(peakMb).toBeLessThan(limitMb);
  },
  60_000,
);

test('backend "file" composes a few mails at a time', async () => {
  const folder = tempFolder();
  const { sent, peakMb } = await sendMany('file', { folder });

  expect(sent).toBe(count);
  expect(await readdir(folder)).toHaveLength(count);
  expect(peakMb).toBeLessThan(limitMb);
}, 60_000);

test('backend "memory" composes no mails', async () => {
  const { sent, peakMb } = await sendMany('memory', {});

  expect(sent).toBe(count);
  expect(peakMb).toBeLessThan(limitMb);
}, 60_000);
