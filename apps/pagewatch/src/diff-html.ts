/**
 * A difference as HTML. The same markup is dressed in two ways: with classes for the web page, whose security policy
 * forbids inline styles, and with inline styles for mail, whose readers drop everything else.
 */
import { html, raw } from 'hono/html';
import type { DiffLine, PageDiff } from './diff.ts';
import { omission } from './diff-text.ts';

type Part = 'diff' | 'gap' | 'line' | DiffLine['kind'] | 'mark' | 'text' | 'word-removed' | 'word-added';

/** Says which attributes an element gets for the parts that it plays. */
export type Dress = (...parts: Part[]) => string;

const byClass: Dress = (...parts) => `class="${parts.join(' ')}"`;

/** HTML that is safe to send: everything in it that came from elsewhere is escaped. */
export type Html = ReturnType<typeof html>;

const signs: Readonly<Record<DiffLine['kind'], string>> = { same: ' ', removed: '−', added: '+' };
const spoken: Readonly<Record<DiffLine['kind'], string>> = { same: '', removed: 'removed: ', added: 'added: ' };

export function diffHtml(diff: PageDiff, dress: Dress = byClass): Html {
  const attributes = (...parts: Part[]): ReturnType<typeof raw> => raw(dress(...parts));
  const line = ({ kind, segments }: DiffLine): Html => {
    const tag = raw(kind === 'removed' ? 'del' : 'ins');
    const word = attributes(kind === 'removed' ? 'word-removed' : 'word-added');
    const words = segments.map((part) => (part.changed ? html`<${tag} ${word}>${part.text}</${tag}>` : part.text));
    const said = dress === byClass && kind !== 'same' ? html`<span class="spoken">${spoken[kind]}</span>` : '';
    // Spaces count inside of the text, so each element is written without any around it.
    const mark = html`<span ${attributes('mark')} aria-hidden="true">${signs[kind]}</span>`;
    const text = html`<span ${attributes('text')}>${said}${words}</span>`;
    return html`<div ${attributes('line', kind)}>${mark}${text}</div>`;
  };
  const hunks = diff.hunks.map(({ lines }, index) => [
    index > 0 ? html`<div ${attributes('gap')} aria-hidden="true">⋯</div>` : '',
    lines.map(line),
  ]);
  const rest = diff.omitted > 0 ? html`<div ${attributes('gap')}>${omission(diff)}</div>` : '';
  return html`<div ${attributes('diff')}>${hunks}${rest}</div>`;
}
