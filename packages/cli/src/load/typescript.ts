/** Installs the TypeScript loader if the configuration refers to TypeScript. */
import { dirname, resolve } from 'node:path';
import type { LoadedConfig } from '@asphalt/core/config';

const typeScriptReference = /^(.+\.[cm]?tsx?)[:#][^:#]+$/;

/** Installs the loader if the `type` of a component names a TypeScript file. JavaScript applications never load it. */
export async function prepareTypeScript(config: LoadedConfig): Promise<void> {
  const file = firstTypeScriptFile(config);
  if (file === undefined) return;
  const { compileTypeScriptLike } = await import('./typescript-loader.ts');
  await compileTypeScriptLike(file);
}

function firstTypeScriptFile({ layers, value }: LoadedConfig): string | undefined {
  const sections: Array<{ path: string[]; section: unknown }> = [{ path: ['component'], section: value['component'] }];
  for (const { path, section } of sections) {
    if (typeof section !== 'object' || section === null) continue;
    const { type, components } = section as { type?: unknown; components?: unknown };
    const module = typeof type === 'string' ? typeScriptReference.exec(type)?.[1] : undefined;
    if (module !== undefined) {
      const origin = layers.origins([...path, 'type'])[0];
      return resolve(origin?.file === undefined ? process.cwd() : dirname(origin.file), module);
    }
    if (typeof components !== 'object' || components === null) continue;
    for (const [alias, child] of Object.entries(components))
      sections.push({ path: [...path, 'components', alias], section: child });
  }
  return undefined;
}
