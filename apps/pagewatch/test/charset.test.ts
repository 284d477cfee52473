import { expect, test } from 'vitest';
import { decodeBody } from '../src/charset.ts';

const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1');

test('text without a declared encoding is decoded as UTF-8', () => {
  expect(decodeBody(Buffer.from('né'), 'text/html')).toBe('né');
});

test('the header determines the encoding', () => {
  expect(decodeBody(latin('né'), 'text/plain; charset="ISO-8859-1"')).toBe('né');
});

test('a declaration in the HTML determines the encoding if the header does not', () => {
  expect(decodeBody(latin('<meta charset="windows-1252">né'), 'text/html')).toContain('né');
  const old = '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">né';
  expect(decodeBody(latin(old), 'text/html')).toContain('né');
});

test('a byte-order mark takes precedence over both and is not part of the text', () => {
  const body = Buffer.from('\uFEFF<meta charset="windows-1252">né', 'utf16le');
  expect(decodeBody(body, 'text/html; charset=windows-1252')).toBe('<meta charset="windows-1252">né');
});

test('an unknown encoding is decoded as UTF-8', () => {
  expect(decodeBody(Buffer.from('né'), 'text/html; charset=klingon')).toBe('né');
});

test.each([
  ['utf-16le', Buffer.from('status 7 of the café', 'utf16le')],
  ['utf-16be', Buffer.from('status 7 of the café', 'utf16le').swap16()],
  ['utf-16le', Buffer.from('7', 'utf16le')],
])('%s without a mark and a declaration is recognized by its zero bytes', (label, body) => {
  expect(decodeBody(body, 'text/plain')).toBe(new TextDecoder(label).decode(body));
});

test('a single NUL does not turn UTF-8 into UTF-16', () => {
  expect(decodeBody(Buffer.from('a\0b né'), 'text/plain')).toBe('a\0b né');
});

test('zero bytes everywhere are not UTF-16', () => {
  expect(decodeBody(Buffer.alloc(8), 'text/plain')).toBe('\0'.repeat(8));
});
