/** Renders the mail about a change. */
import { html } from 'hono/html';
import type { MailMessage } from '@asphalt/mailer';
import type { Page } from './detector.ts';
import { summarize, type PageDiff } from './diff.ts';
import { diffHtml, type PartAttributes } from './diff-html.ts';
import { diffText } from './diff-text.ts';

const font = "font-family:-apple-system,'Segoe UI',Roboto,sans-serif";
const styles: Readonly<Record<Parameters<PartAttributes>[number], string>> = {
  diff:
    'border:1px solid #d0d7de;border-radius:8px;overflow:hidden;background:#fff;color:#1f2328;' +
    'font:13px/1.55 ui-monospace,Menlo,Consolas,monospace;margin:16px 0',
  gap: 'padding:4px 12px;color:#59636e;background:#f6f8fa',
  line: 'padding:1px 12px',
  same: 'color:#59636e',
  removed: 'background:#ffebe9',
  added: 'background:#dafbe1',
  mark: 'display:inline-block;width:1.4em',
  text: 'white-space:pre-wrap;overflow-wrap:anywhere',
  'word-removed': 'background:#ffc1ba;text-decoration:none',
  'word-added': 'background:#9be9a8;text-decoration:none',
};
const byStyle: PartAttributes = (...parts) => `style="${parts.map((part) => styles[part]).join(';')}"`;

export interface MailedChange {
  readonly page: Page;
  readonly diff: PageDiff;
  /** The number of changes in the mail, and the time of the last one. */
  readonly changes: number;
  readonly at: number;
  /** The `Message-ID` header, angle brackets included. */
  readonly messageId: string;
}

/** Composes the mail about a change, in plain text and in HTML. */
export async function changeMail({ page, diff, changes, at, messageId }: MailedChange): Promise<MailMessage> {
  const summary = summarize(diff) + (changes > 1 ? `, in ${changes} changes` : '');
  const time = new Date(at).toUTCString();
  const body = await html`<!doctype html>
    <html lang="en">
      <body style="margin:0;padding:24px;background:#fff;color:#1f2328;${font}">
        <h1 style="font-size:20px;margin:0 0 4px">
          <a href="${linkable(page.url)}" style="color:#0969da">${page.title}</a> changed
        </h1>
        <p style="margin:0;color:#59636e">${summary} · ${time}</p>
        ${diffHtml(diff, byStyle)}
        <p style="margin:0;color:#59636e;font-size:13px">Sent by Pagewatch, which watches ${page.url}</p>
      </body>
    </html>`;
  return {
    subject: `${page.title} changed: ${summary}`,
    text: `${page.title} changed: ${summary}\n${page.url}\n${time}\n\n${diffText(diff)}\n`,
    html: String(body),
    headers: { 'Auto-Submitted': 'auto-generated', 'Message-ID': messageId },
  };
}

/** Returns the URL if a mail may link to it. Links lead only to the web, although the user configures the URL. */
function linkable(url: string): string {
  return /^https?:/i.test(url) ? url : '#';
}
