import { expect, test } from 'vitest';
import { decodeBody } from '../src/charset.ts';

const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1');

test('text that says nothing of its encoding is UTF-8', () => {
  expect(decodeBody(Buffer.from('né'), 'text/html')).toBe('né');
});

test('the header names the encoding', () => {
  expect(decodeBody(latin('né'), 'text/plain; charset="ISO-8859-1"')).toBe('né');
});

test('without one in the header, HTML names it itself', () => {
  expect(decodeBody(latin('<meta charset="windows-1252">né'), 'text/html')).toContain('né');
  const old = '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">né';
  expect(decodeBody(latin(old), 'text/html')).toContain('né');
});

test('a byte-order mark wins over both and is no text', () => {
  const body = Buffer.from('\uFEFF<meta charset="windows-1252">né', 'utf16le');
  expect(decodeBody(body, 'text/html; charset=windows-1252')).toBe('<meta charset="windows-1252">né');
});

test('an encoding that nobody knows is taken for UTF-8', () => {
  expect(decodeBody(Buffer.from('né'), 'text/html; charset=klingon')).toBe('né');
});
