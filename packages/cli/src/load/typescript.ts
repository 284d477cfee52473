/** Installs the TypeScript loader if the configuration refers to TypeScript. */
import { dirname, resolve } from 'node:path';
import type { LoadedConfig } from '@asphalt/core/config';

const typeScriptReference = /^(.+\.[cm]?tsx?)[:#][^:#]+$/;
const packageReference = /^((?:@[^/:#]+\/)?[^./:#\\][^/:#\\]*)(?:\/[^:#]+)?[:#][^:#]+$/;

/**
 * Installs the loader if the `type` of a component names a TypeScript file, or a package of the workspace that consists
 * of TypeScript. JavaScript applications never load it.
 */
export async function prepareTypeScript(config: LoadedConfig): Promise<void> {
  const types = typesIn(config);
  for (const { type, folder } of types) {
    const file = typeScriptReference.exec(type)?.[1];
    if (file === undefined) continue;
    const { compileTypeScriptLike } = await import('./typescript-loader.ts');
    await compileTypeScriptLike(resolve(folder, file));
    return;
  }
  for (const { type, folder } of types) {
    const packageName = packageReference.exec(type)?.[1];
    if (packageName === undefined) continue;
    const { prepareLinkedPackage } = await import('./linked-package.ts');
    if (await prepareLinkedPackage(packageName, folder)) return;
  }
}

/** Returns the types of all components in the configuration, each with the folder that its paths are relative to. */
function typesIn({ layers, value }: LoadedConfig): Array<{ readonly type: string; readonly folder: string }> {
  const types: Array<{ type: string; folder: string }> = [];
  const sections: Array<{ path: string[]; section: unknown }> = [{ path: ['component'], section: value['component'] }];
  for (const { path, section } of sections) {
    if (typeof section !== 'object' || section === null) continue;
    const { type, components } = section as { type?: unknown; components?: unknown };
    if (typeof type === 'string' && /[:#]/.test(type)) {
      const origin = layers.origins([...path, 'type'])[0];
      types.push({ type, folder: origin?.file === undefined ? process.cwd() : dirname(origin.file) });
    }
    if (typeof components !== 'object' || components === null) continue;
    for (const [alias, child] of Object.entries(components))
      sections.push({ path: [...path, 'components', alias], section: child });
  }
  return types;
}
