/**
 * Reduces a document to its visible lines, so that a diff shows words and not markup.
 *
 * HTML is read token by token and never as a tree, because pages are untrusted: the time to build a tree, or a parser's
 * stack of open elements, grows with the square of the nesting. Here the time grows with the length of the input.
 */
import { Tokenizer } from 'htmlparser2';

/** Elements whose text is not visible on the page. */
const unread = new Set(['script', 'style', 'noscript', 'template', 'svg', 'iframe', 'object', 'title', 'textarea']);
const blocks = new Set(
  (
    'address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption ' +
    'figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr br legend li main menu nav ol option p pre search section ' +
    'select summary table tbody tfoot thead tr ul'
  ).split(' '),
);
const cells = new Set(['td', 'th']);

/** Control characters other than space and line breaks, and halves of surrogate pairs. */
// oxlint-disable-next-line no-control-regex -- these are the characters to replace
const unprintable = /[\0-\x08\x0e-\x1f\x7f\p{Surrogate}]/gu;

/**
 * Returns the readable text of a document: lines without trailing or doubled space, none of them empty.
 *
 * Characters that a database, a mail or a web page could reject or cut off are replaced by U+FFFD.
 */
export function readableText(body: string, mediaType: string): string {
  return printable(isHtml(mediaType) ? textOfHtml(body) : textLines(body));
}

/** Replaces unprintable characters, such as NUL, by U+FFFD. */
export function printable(text: string): string {
  return text.replace(unprintable, '\uFFFD');
}

function isHtml(mediaType: string): boolean {
  return mediaType === 'text/html' || mediaType === 'application/xhtml+xml';
}

/** Whether documents of a media type can be watched. */
export function isText(mediaType: string): boolean {
  return (
    mediaType.startsWith('text/') || isHtml(mediaType) || /^application\/(.+\+)?(json|xml|yaml|toml)$/.test(mediaType)
  );
}

function textLines(body: string): string {
  return body
    .split(/\r\n|\r|\n/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');
}

function textOfHtml(html: string): string {
  const lines = new Lines();
  let name = '';
  let skipped = '';
  let skippedDepth = 0;
  let preformatted = 0;
  const nameAt = (start: number, end: number): string => html.slice(start, end).toLowerCase();

  const tokenizer = new Tokenizer(
    {},
    {
      onopentagname(start, end) {
        name = nameAt(start, end);
        if (skippedDepth > 0) {
          if (name === skipped) skippedDepth += 1;
        } else if (unread.has(name)) {
          skipped = name;
          skippedDepth = 1;
        } else if (blocks.has(name)) {
          lines.end();
          if (name === 'li') lines.mark('• ');
          if (name === 'pre') preformatted += 1;
        } else if (cells.has(name)) {
          lines.mark(' | ');
        }
      },
      onselfclosingtag() {
        // Only foreign elements can be self-closing. In HTML elements, the slash has no meaning.
        if (name === 'svg' && skipped === 'svg' && skippedDepth > 0) skippedDepth -= 1;
      },
      onclosetag(start, end) {
        const closed = nameAt(start, end);
        if (skippedDepth > 0) {
          if (closed === skipped) skippedDepth -= 1;
        } else if (blocks.has(closed)) {
          lines.end();
          if (closed === 'pre') preformatted = Math.max(0, preformatted - 1);
        }
      },
      ontext(start, end) {
        if (skippedDepth === 0) lines.add(html.slice(start, end), preformatted > 0);
      },
      ontextentity(codePoint) {
        if (skippedDepth === 0) lines.add(String.fromCodePoint(codePoint), preformatted > 0);
      },
      onattribdata() {},
      onattribentity() {},
      onattribend() {},
      onattribname() {},
      oncdata() {},
      oncomment() {},
      ondeclaration() {},
      onend() {},
      onopentagend() {},
      onprocessinginstruction() {},
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return lines.text();
}

/** Collects lines. A mark, such as a bullet or the border of a cell, is added only to text. */
class Lines {
  readonly #done: string[] = [];
  #parts: string[] = [];
  #mark = '';

  add(text: string, preformatted: boolean): void {
    if (!preformatted) {
      this.#put(text);
      return;
    }
    const [first = '', ...rest] = text.split(/\r\n|\r|\n/);
    this.#put(first);
    for (const line of rest) {
      this.end();
      this.#put(line);
    }
  }

  mark(mark: string): void {
    this.#mark = mark;
  }

  end(): void {
    const line = this.#parts
      .join('')
      .replace(/[\s\u200b\ufeff]+/g, ' ')
      .trim();
    if (line !== '') this.#done.push(line);
    this.#parts = [];
    this.#mark = '';
  }

  text(): string {
    this.end();
    return this.#done.join('\n');
  }

  #put(text: string): void {
    if (this.#mark !== '' && text.trim() !== '') {
      // Skip the border before the first cell of a row.
      if (this.#parts.length > 0 || this.#mark !== ' | ') this.#parts.push(this.#mark);
      this.#mark = '';
    }
    if (this.#parts.length > 0 || text.trim() !== '') this.#parts.push(text);
  }
}
