import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));

/** Returns every error class of the packages by its code. */
function declaredCodes(): Map<string, string> {
  const codes = new Map<string, string>();
  const packages = join(repository, 'packages');
  for (const name of readdirSync(packages)) {
    const folder = join(packages, name, 'src');
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const source = readFileSync(join(folder, file), 'utf8');
      for (const [, type, body] of source.matchAll(
        /class (\w+) extends (?:AsphaltError|GraphProblem)\b[^{]*\{(.*?)^\}/gms,
      )) {
        const code = /(ERR_[A-Z_]+)/.exec(body!)?.[1];
        if (code !== undefined) codes.set(code, type!);
      }
    }
  }
  return codes;
}

test('the error reference lists exactly the error classes of the packages, each under its code', () => {
  const reference = readFileSync(join(repository, 'docs/reference/errors.md'), 'utf8');
  const documented = new Map(
    Array.from(reference.matchAll(/^\| `(ERR_\w+)` \| `(\w+)` \|/gm), ([, code, type]) => [code!, type!]),
  );
  expect(Object.fromEntries([...documented].sort())).toEqual(Object.fromEntries([...declaredCodes()].sort()));
});
