// Extracts the prose of a file: of a source, its comments and its string literals of several words (error texts, command
// help); of a Markdown page, everything except code. A text keeps its length and lines, so an index stays valid.

import { parseSync } from 'oxc-parser';

/** The sources that compile to JavaScript. Files other than these and Markdown contain no prose. */
const source = /\.[cm]?[jt]s$/;
const codeSpan = /(`+)(?:(?!\1)[\s\S])*?\1/g;
/** Opts a line out, with the reason after the colon: a quotation, a foreign name, a term of a protocol. */
const exemption = /prose-allow: \S/;

/** Finds the prose of a file. @returns its texts, each with the index at which it starts; empty for other kinds of files */
export function proseOf(file, content) {
  const exempt = linesThatMatch(content, exemption);
  const texts = file.endsWith('.md') ? [markdown(content)] : source.test(file) ? sourceTexts(file, content) : [];
  return texts.map(({ index, text }) => ({ index, text: blankLines(content, index, text, exempt) }));
}

/** Returns the line number, from 1, of an index. */
export function lineAt(content, index) {
  return content.slice(0, index).split('\n').length;
}

function markdown(content) {
  let fence;
  const lines = content.split('\n').map((line) => {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined;
      return blank(line);
    }
    return fence === undefined ? line : blank(line);
  });
  return { index: 0, text: lines.join('\n').replace(codeSpan, blank) };
}

function sourceTexts(file, content) {
  const { comments, program, errors } = parseSync(file, content);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const texts = comments.map(({ start, end }) => ({ index: start, text: content.slice(start, end) }));
  visit(program, (node) => {
    if (node.type === 'TemplateLiteral') texts.push(...sentence(content, node.start, node.end, node.expressions));
    else if (node.type === 'Literal' && typeof node.value === 'string')
      texts.push(...sentence(content, node.start, node.end));
  });
  return texts.map(({ index, text }) => ({ index, text: text.replace(codeSpan, blankInside) }));
}

/** A literal counts from three words on: fewer are names, keys and units. */
function sentence(content, start, end, holes = []) {
  let text = content.slice(start + 1, end - 1);
  for (const hole of holes) {
    const from = hole.start - start - 1;
    text = text.slice(0, from) + blank(content.slice(hole.start, hole.end)) + text.slice(from + hole.end - hole.start);
  }
  return /\p{L}\s+\p{L}+\s+\p{L}/u.test(text) ? [{ index: start + 1, text }] : [];
}

function visit(node, see) {
  if (Array.isArray(node)) for (const item of node) visit(item, see);
  else if (typeof node?.type === 'string') {
    see(node);
    for (const value of Object.values(node)) if (typeof value === 'object') visit(value, see);
  }
}

function linesThatMatch(content, expression) {
  return new Set(content.split('\n').flatMap((line, index) => (expression.test(line) ? [index + 1] : [])));
}

function blankLines(content, index, text, lines) {
  if (lines.size === 0) return text;
  const first = lineAt(content, index);
  return text
    .split('\n')
    .map((line, offset) => (lines.has(first + offset) ? blank(line) : line))
    .join('\n');
}

function blank(text) {
  return text.replace(/[^\n]/g, ' ');
}

function blankInside(text) {
  return text.length > 2 ? blank(text) : text;
}
