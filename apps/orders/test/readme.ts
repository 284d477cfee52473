/** The commands and files on the page of the application. */
import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Returns the text below a heading. */
export function chapter(heading: string): string {
  const found = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`The page has no chapter "${heading}"`);
  return found;
}

/** Returns the lines of the shell below a heading. */
export function commandsOf(heading: string): string[] {
  const blocks = chapter(heading).matchAll(/^```sh\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, block]) => block!.trimEnd().split('\n'));
}

/** Returns the arguments of `asphalt` below a heading, without those that start with another word. */
export function asphaltCommands(heading: string, word: string): string[][] {
  return commandsOf(heading)
    .filter((line) => line.startsWith(`npx asphalt ${word} `))
    .map((line) => line.split(' ').slice(2));
}

/** Returns the blocks of a language below a heading. */
export function blocksOf(heading: string, language: string): string[] {
  const blocks = chapter(heading).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'));
  return Array.from(blocks, ([, block]) => block!);
}
