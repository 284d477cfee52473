/** Finds log levels that are set for unknown components. */
import { ConfigError } from '../config/errors.ts';
import { placeInFile } from '../config/layers.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { formatPath } from '../config/path.ts';
import { nearMisses } from '../errors/near-misses.ts';
import type { ComponentNode } from './component-node.ts';

/** Name of the application itself in levels, and optional first segment of the path of a component. */
const application = 'asphalt';

/**
 * Returns a problem for every level of an unknown component.
 *
 * @param nodes - all components of the application, including disabled ones
 */
export function logLevelProblems(
  { layers, settings, services }: LoadedConfig,
  nodes: ReadonlyArray<Pick<ComponentNode, 'path'>>,
): ConfigError[] {
  const levels = Object.keys(settings.logging?.levels ?? {});
  // Settings next to `services` apply to all services, and the components of the other services are not known.
  if (levels.length === 0 || services.length > 1) return [];
  const known = new Set(nodes.map(({ path }) => path).filter((path) => path !== ''));
  return levels.flatMap((level) => {
    const help = level === application ? undefined : helpForUnknown(level, known);
    if (help === undefined) return [];
    const path = ['logging', 'levels', level];
    const [origin] = layers.origins(path);
    return new ConfigError([
      {
        path: formatPath(path),
        message: 'names an unknown component',
        from: origin?.text,
        place: origin && placeInFile(origin),
        codeFrame: layers.codeFrame(path, true),
        help,
      },
    ]);
  });
}

/** Returns the help for a level of an unknown component, or undefined if the level can be correct. */
function helpForUnknown(level: string, known: ReadonlySet<string>): string | undefined {
  const path = level.startsWith(`${application}.`) ? level.slice(application.length + 1) : level;
  if (known.has(level) || known.has(path)) return undefined;
  const above = nearestAbove(path, known);
  const start = above === undefined ? '' : `${above}.`;
  const candidates = [...known].filter((each) => each.startsWith(start)).map((each) => each.slice(start.length));
  const near = nearMisses(path.slice(start.length), candidates).map((each) => `\`${start}${each}\``);
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`;
  // A component can create loggers below its own path, and their names are not known before it runs.
  if (above !== undefined) return undefined;
  const [first] = known;
  return `use ${first === undefined ? '' : `the path of a component, such as \`${first}\`, or `}\`${application}\` for the application itself`;
}

function nearestAbove(path: string, known: ReadonlySet<string>): string | undefined {
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    if (known.has(path.slice(0, dot))) return path.slice(0, dot);
  }
  return undefined;
}
