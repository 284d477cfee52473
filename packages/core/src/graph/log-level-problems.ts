/** Finds levels of logs that are set for components which are not there. */
import { ConfigError } from '../config/errors.ts';
import { placeInFile } from '../config/layers.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { formatPath } from '../config/path.ts';
import { nearMisses } from '../errors/near-misses.ts';
import type { ComponentNode } from './component-node.ts';

/** How levels may call the application itself, and begin the path of any component. */
const application = 'asphalt';

/** @param nodes - all components of the application */
export function logLevelProblems(
  { layers, settings, unused }: LoadedConfig,
  nodes: readonly ComponentNode[],
): ConfigError[] {
  const levels = Object.keys(settings.logging?.levels ?? {});
  // What stands beside the services is for all of them, and what components the others have is not known.
  const hasOtherServices = unused.some(({ path }) => path === 'component' || path.startsWith('services.'));
  if (levels.length === 0 || hasOtherServices) return [];
  const known = new Set(nodes.map(({ path }) => path).filter((path) => path !== ''));
  return levels.flatMap((said) => {
    const help = said === application ? undefined : helpForUnknown(said, known);
    if (help === undefined) return [];
    const path = ['logging', 'levels', said];
    const [origin] = layers.origins(path);
    return new ConfigError([
      {
        path: formatPath(path),
        message: 'is the level of no component',
        from: origin?.text,
        place: origin && placeInFile(origin),
        picture: layers.picture(path, true),
        help,
      },
    ]);
  });
}

/** What to write in place of a path that leads to no component; undefined where it may be meant as it is. */
function helpForUnknown(said: string, known: ReadonlySet<string>): string | undefined {
  const path = said.startsWith(`${application}.`) ? said.slice(application.length + 1) : said;
  if (known.has(said) || known.has(path)) return undefined;
  const above = nearestAbove(path, known);
  const start = above === undefined ? '' : `${above}.`;
  const candidates = [...known].filter((each) => each.startsWith(start)).map((each) => each.slice(start.length));
  const near = nearMisses(path.slice(start.length), candidates).map((each) => `\`${start}${each}\``);
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`;
  // Below a component stand the loggers that its code makes, and nobody knows their names beforehand.
  if (above !== undefined) return undefined;
  const [first] = known;
  return `write ${first === undefined ? '' : `the path of a component, such as \`${first}\`, or `}\`${application}\` for the application itself`;
}

function nearestAbove(path: string, known: ReadonlySet<string>): string | undefined {
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    if (known.has(path.slice(0, dot))) return path.slice(0, dot);
  }
  return undefined;
}
