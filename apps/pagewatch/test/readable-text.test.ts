import { describe, expect, test } from 'vitest';
import { isText, readableText } from '../src/readable-text.ts';

const read = (html: string): string[] => readableText(html, 'text/html').split('\n');

describe('HTML', () => {
  test('is converted to one line per block, with the space that a browser shows', () => {
    const html =
      '<h1>Hello &amp;\n  welcome</h1><p>It is <b>very</b>\tnice<br>here</p><div>and<div>there</div>too</div>';
    expect(read(html)).toEqual(['Hello & welcome', 'It is very nice', 'here', 'and', 'there', 'too']);
  });

  test('is converted with marks for list items and separators between cells', () => {
    const html =
      '<ul><li>one<li> <p>two</p></ul><table><tr><th>Name<th>Price</tr><tr><td>Tea</td><td>3 &euro;</td></table>';
    expect(read(html)).toEqual(['• one', 'two', 'Name | Price', 'Tea | 3 €']);
  });

  test('is converted without invisible elements', () => {
    const html = `<title>t</title><style>a{}</style><script>if (a < b) "<p>no</p>"</script><noscript><p>no</p></noscript>
      <svg/><svg><svg></svg><text>no</text></svg><template><p>no</p></template><!-- no --><p>yes</p>`;
    expect(read(html)).toEqual(['yes']);
  });

  test('is converted with the lines of preformatted text', () => {
    expect(read('<pre>a\n  b\n\nc</pre>d')).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is converted with decoded entities, and unknown ones unchanged', () => {
    expect(read('<p>&#8364; &#x1F600; &nope; &lt;b&gt; &amp &copy;')).toEqual(['€ 😀 &nope; <b> & ©']);
  });

  test.each([
    ['elements in elements', '<div>'.repeat(200_000)],
    ['end tags without a start', '<b>'.repeat(150_000) + '</i>'.repeat(150_000)],
    ['cells without a row', '<td colspan=100000000 rowspan=100000000>'.repeat(20_000)],
    ['a tag that never ends', `<a ${'x=1 '.repeat(200_000)}`],
    ['an unfinished comment', `<!--${'-'.repeat(500_000)}`],
  ])('is converted in linear time: %s', (_, html) => {
    const start = process.cpuUsage();
    readableText(`<p>before</p>${html}`, 'text/html');
    // A conversion in quadratic time would take minutes.
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(3_000);
  });
});

test('plain text keeps its lines, without empty lines and trailing space', () => {
  expect(readableText('a  \r\n\r\n  b\rc\n', 'text/plain')).toBe('a\n  b\nc');
});

test.each([
  ['text/html', true],
  ['text/csv', true],
  ['application/json', true],
  ['application/atom+xml', true],
  ['application/octet-stream', false],
  ['image/png', false],
])('isText("%s") returns %s', (type, expected) => {
  expect(isText(type)).toBe(expected);
});

test.each([
  ['text/plain', 'a\0b \x1b[31mred\x7f \ud800 \udc00x 😀', 'a�b �[31mred� � �x 😀'],
  ['text/html', '<p>a\0b &#0; &#xD800; \x08\ud83d 😀</p>', 'a�b � � �� 😀'],
])('characters in %s that cannot be stored or sent are replaced', (type, body, expected) => {
  expect(readableText(body, type)).toBe(expected);
});
