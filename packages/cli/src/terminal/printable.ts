/**
 * Makes text safe for a terminal. Text may come from outside, such as the path of a request or the reply of a server,
 * and could otherwise move the cursor, set the title, or show later text in another order.
 */

/** Control characters except line feeds and tabs, separators of lines, and characters that change the writing direction. */
const unsafe = /[^\P{Cc}\n\t]|[\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Returns the text with its unsafe characters as escapes, such as `\x1b` and `\u202e`. */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}
