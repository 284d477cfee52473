/** Collects the license texts of the packages in a bundle. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { manifestOf, packageFolder } from './native-packages.ts';

/** @param modules - the files of the bundled modules */
export function licenseTexts(modules: readonly string[]): string {
  const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== undefined));
  const texts = Array.from(folders, (folder) => {
    const { name = '', version = '', license = 'no license' } = manifestOf(folder) ?? {};
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text =
      file === undefined ? 'The package contains no license text.' : readFileSync(join(folder, file), 'utf8');
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return texts.sort().join('\n\n');
}
