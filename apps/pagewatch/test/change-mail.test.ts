import { expect, test } from 'vitest';
import { changeMail } from '../src/change-mail.ts';
import { diffTexts } from '../src/diff.ts';

const page = { name: 'news', url: 'https://example.org/news', title: 'The <b>News</b>' };
const messageId = '<1@pagewatch>';

test('a mail shows the change in text and in HTML', async () => {
  const mail = await changeMail({ page, diff: diffTexts('a\nold text', 'a\nnew text'), at: 0, changes: 2, messageId });
  expect(mail.subject).toBe('The <b>News</b> changed: 1 line changed, in 2 changes');
  expect(mail.text).toMatchInlineSnapshot(`
    "The <b>News</b> changed: 1 line changed, in 2 changes
    https://example.org/news
    Thu, 01 Jan 1970 00:00:00 GMT

      a
    - old text
    + new text
    "
  `);
  expect(mail.html).toContain('The &lt;b&gt;News&lt;/b&gt;');
  expect(mail.html).toMatch(/<ins style="[^"]+">new<\/ins> text/);
});

test('a mail escapes the text of the page and uses no classes', async () => {
  const mail = await changeMail({
    page,
    diff: diffTexts('', '<img src=x onerror=alert(1)>'),
    at: 0,
    changes: 1,
    messageId,
  });
  expect(mail.html).toContain('&lt;img src=x');
  expect(mail.html).not.toContain('<img');
  expect(mail.html).not.toContain('class=');
});

test('a mail links only to http and https URLs', async () => {
  const hostile = { ...page, url: 'javascript:alert(1)' };
  const mail = await changeMail({ page: hostile, diff: diffTexts('', 'x'), at: 0, changes: 1, messageId });
  expect(mail.html).toContain('href="#"');
});
