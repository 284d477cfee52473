import { describe, expect, test } from 'vitest';
import { isText, readableText } from '../src/readable-text.ts';

const read = (html: string): string[] => readableText(html, 'text/html').split('\n');

describe('HTML', () => {
  test('becomes one line for each block, with the space that a browser shows', () => {
    const html =
      '<h1>Hello &amp;\n  welcome</h1><p>It is <b>very</b>\tnice<br>here</p><div>and<div>there</div>too</div>';
    expect(read(html)).toEqual(['Hello & welcome', 'It is very nice', 'here', 'and', 'there', 'too']);
  });

  test('marks list items and keeps the cells of a row apart', () => {
    const html =
      '<ul><li>one<li> <p>two</p></ul><table><tr><th>Name<th>Price</tr><tr><td>Tea</td><td>3 &euro;</td></table>';
    expect(read(html)).toEqual(['• one', 'two', 'Name | Price', 'Tea | 3 €']);
  });

  test('loses what nobody reads', () => {
    const html = `<title>t</title><style>a{}</style><script>if (a < b) "<p>no</p>"</script><noscript><p>no</p></noscript>
      <svg/><svg><svg></svg><text>no</text></svg><template><p>no</p></template><!-- no --><p>yes</p>`;
    expect(read(html)).toEqual(['yes']);
  });

  test('keeps the lines of preformatted text', () => {
    expect(read('<pre>a\n  b\n\nc</pre>d')).toEqual(['a', 'b', 'c', 'd']);
  });

  test('reads entities, also numbered and unfinished ones, and leaves the rest as it is', () => {
    expect(read('<p>&#8364; &#x1F600; &nope; &lt;b&gt; &amp &copy;')).toEqual(['€ 😀 &nope; <b> & ©']);
  });

  test.each([
    ['elements in elements', '<div>'.repeat(200_000)],
    ['end tags without a start', '<b>'.repeat(150_000) + '</i>'.repeat(150_000)],
    ['cells without a row', '<td colspan=100000000 rowspan=100000000>'.repeat(20_000)],
    ['a tag that never ends', `<a ${'x=1 '.repeat(200_000)}`],
    ['an unfinished comment', `<!--${'-'.repeat(500_000)}`],
  ])('costs no more than its length: %s', (_, html) => {
    const start = process.cpuUsage();
    readableText(`<p>before</p>${html}`, 'text/html');
    // What takes the square of the length takes minutes here.
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(3_000);
  });
});

test('other text keeps its lines, without empty ones and space at the end', () => {
  expect(readableText('a  \r\n\r\n  b\rc\n', 'text/plain')).toBe('a\n  b\nc');
});

test.each([
  ['text/html', true],
  ['text/csv', true],
  ['application/json', true],
  ['application/atom+xml', true],
  ['application/octet-stream', false],
  ['image/png', false],
])('%s can be watched: %s', (type, expected) => {
  expect(isText(type)).toBe(expected);
});

test.each([
  ['text/plain', 'a\0b \x1b[31mred\x7f \ud800 \udc00x 😀', 'a�b �[31mred� � �x 😀'],
  ['text/html', '<p>a\0b &#0; &#xD800; \x08\ud83d 😀</p>', 'a�b � � �� 😀'],
])('%s loses the characters that cannot be stored or sent', (type, body, expected) => {
  expect(readableText(body, type)).toBe(expected);
});
