/** Plans the health checks of a component. */
import type { HealthDeclaration } from '../component/declaration-types.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import type { ComponentNode } from './component-node.ts';
import { DecoratorError } from './declaration-errors.ts';
import { referencedValue } from './option-references.ts';
import type { PlannedHealthCheck } from './plan.ts';
import { memberText } from './problem-text.ts';

/**
 * Returns a health check with the value of an option that decides whether it is critical.
 *
 * @param problems - list that receives the problem if the option cannot be read
 */
export function plannedHealthCheck(
  declaration: HealthDeclaration,
  node: ComponentNode,
  problems: AsphaltError[] = [],
): PlannedHealthCheck | undefined {
  const { critical: declared, member, site } = declaration;
  if (typeof declared === 'boolean') return { node, declaration, critical: declared };
  const critical = referencedValue(declared, node, { type: 'boolean', unset: true }, (fault) => {
    const decorator = `fromConfig("${declared.option}")`;
    problems.push(new DecoratorError(decorator, node, memberText(member, undefined), { ...fault, site }));
  });
  return critical === undefined ? undefined : { node, declaration, critical };
}
