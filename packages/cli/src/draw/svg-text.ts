/** Helpers for writing SVG. */

/** Escapes text for an element or a quoted attribute. */
export function escapeSvg(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Rounds a coordinate to the visible precision. */
export function roundSvg(value: number): number {
  return Math.round(value * 10) / 10;
}
