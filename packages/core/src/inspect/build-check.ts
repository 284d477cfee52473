/**
 * Separates the problems that end a build from options that are still open: those that get a value only where the
 * application runs, such as secrets from the environment.
 */
import { ConfigError } from '../config/errors.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { formatPath, parsePath, startsWithPath } from '../config/path.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import { ComponentNode } from '../graph/component-node.ts';
import type { Plan } from '../graph/plan.ts';

export interface BuildCheck {
  /** The problems that end the build. */
  readonly problems: readonly AsphaltError[];
  /** The paths of required options without a value, and of options whose value a tag such as `!Env` produces. */
  readonly open: readonly string[];
  /** The open options that a `components` function reads. The children of its component are unknown. */
  readonly deciding: readonly string[];
}

/** Checks the plan of an application for a build. */
export function checkForBuild(plan: Plan, config: LoadedConfig): BuildCheck {
  const open = new Set<string>();
  const problems = plan.problems.filter((problem) => {
    const path = openOption(problem, config);
    if (path !== undefined) open.add(path);
    return path === undefined;
  });
  const functions = plan.components
    .map(({ node }) => node)
    .filter(({ declarations }) => typeof declarations.component?.options.components === 'function')
    .map((node) => ComponentNode.viewOf(node).path);
  const deciding = [...open].filter((path) => functions.some((section) => isOptionOf(section, path)));
  // Without the children of a component, needs lack their providers.
  const reliable = deciding.length === 0 ? problems : problems.filter((problem) => problem instanceof ConfigError);
  return { problems: reliable, open: [...open], deciding };
}

function openOption(problem: AsphaltError, config: LoadedConfig): string | undefined {
  if (!(problem instanceof ConfigError)) return undefined;
  const [{ path, message } = { path: '', message: '' }, ...others] = problem.problems;
  const isOpen = message === 'is required' || config.layers.hasTag(parsePath(path));
  return isOpen && others.length === 0 ? path : undefined;
}

function isOptionOf(section: readonly string[], path: string): boolean {
  const option = parsePath(path);
  return startsWithPath(option, section) && option[section.length] !== 'components' && formatPath(section) !== path;
}
