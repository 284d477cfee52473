/**
 * Renders a difference as HTML. The same markup is styled in two ways: with classes for the web page, whose security
 * policy forbids inline styles, and with inline styles for mail, because mail programs ignore all other styles.
 */
import { html, raw } from 'hono/html';
import type { DiffLine, PageDiff } from './diff.ts';
import { omission } from './diff-text.ts';

type Part = 'diff' | 'gap' | 'line' | DiffLine['kind'] | 'mark' | 'text' | 'word-removed' | 'word-added';

/** Returns the attributes that style an element as the given parts. */
export type PartAttributes = (...parts: Part[]) => string;

const byClass: PartAttributes = (...parts) => `class="${parts.join(' ')}"`;

/** HTML that is safe to send: all foreign text in it is escaped. */
export type Html = ReturnType<typeof html>;

const signs: Readonly<Record<DiffLine['kind'], string>> = { same: ' ', removed: '−', added: '+' };
const spoken: Readonly<Record<DiffLine['kind'], string>> = { same: '', removed: 'removed: ', added: 'added: ' };

export function diffHtml(diff: PageDiff, partAttributes: PartAttributes = byClass): Html {
  const attributes = (...parts: Part[]): ReturnType<typeof raw> => raw(partAttributes(...parts));
  const line = ({ kind, segments }: DiffLine): Html => {
    const tag = raw(kind === 'removed' ? 'del' : 'ins');
    const word = attributes(kind === 'removed' ? 'word-removed' : 'word-added');
    const words = segments.map((part) => (part.changed ? html`<${tag} ${word}>${part.text}</${tag}>` : part.text));
    const label =
      partAttributes === byClass && kind !== 'same' ? html`<span class="spoken">${spoken[kind]}</span>` : '';
    // Spaces are significant inside the text, so the elements have no spaces between them.
    const mark = html`<span ${attributes('mark')} aria-hidden="true">${signs[kind]}</span>`;
    const text = html`<span ${attributes('text')}>${label}${words}</span>`;
    return html`<div ${attributes('line', kind)}>${mark}${text}</div>`;
  };
  const hunks = diff.hunks.map(({ lines }, index) => [
    index > 0 ? html`<div ${attributes('gap')} aria-hidden="true">⋯</div>` : '',
    lines.map(line),
  ]);
  const rest = diff.omitted > 0 ? html`<div ${attributes('gap')}>${omission(diff)}</div>` : '';
  return html`<div ${attributes('diff')}>${hunks}${rest}</div>`;
}
