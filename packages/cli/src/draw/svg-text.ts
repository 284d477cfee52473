/** What every picture writes. */

/** Text as it may stand in an element or between the quotes of an attribute. */
export function escapeSvg(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A coordinate with as many digits as can be seen. */
export function roundSvg(value: number): number {
  return Math.round(value * 10) / 10;
}
