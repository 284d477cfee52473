/** Reads the options that declarations refer to with `fromConfig`, and explains why an option cannot be read. */
import type { FromConfig, HealthDeclaration } from '../component/declaration-types.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import { nearMisses } from '../errors/near-misses.ts';
import { ComponentNode } from './component-node.ts';
import { DecoratorError, type DecoratorFault } from './declaration-errors.ts';
import type { PlannedHealthCheck } from './plan.ts';
import { memberText } from './problem-text.ts';

interface ReferenceTypes {
  readonly string: string;
  readonly boolean: boolean;
}

/**
 * Returns the value of an option of the component, or the default if it is not set.
 *
 * @param faulty - receives the reason if the component has no such option, or one of another type
 * @returns undefined after a fault
 */
export function referencedValue<T extends keyof ReferenceTypes>(
  { option }: FromConfig,
  node: ComponentNode,
  { type, unset }: { readonly type: T; readonly unset: ReferenceTypes[T] },
  faulty: (fault: Omit<DecoratorFault, 'site'>) => void,
): ReferenceTypes[T] | undefined {
  const known = Object.keys(node.declarations.component?.options.config?.options ?? {});
  const value = ComponentNode.configOf(node)[option] ?? unset;
  // `typeof` has determined the type, which the compiler cannot relate to the parameter.
  if (known.includes(option) && typeof value === type) return value as ReferenceTypes[T];
  faulty(known.includes(option) ? wrongType(type) : unknownOption(option, known));
  return undefined;
}

function wrongType(type: keyof ReferenceTypes): Omit<DecoratorFault, 'site'> {
  return { reason: `the option is not a ${type}`, help: `declare it with format: '${type}'` };
}

function unknownOption(option: string, known: readonly string[]): Omit<DecoratorFault, 'site'> {
  const [near] = nearMisses(option, known);
  const options = known.length === 0 ? 'the component has no options' : `the component's options: ${known.join(', ')}`;
  return {
    reason: 'the component has no such option',
    help:
      near === undefined
        ? `declare it with defineConfig(); ${options}`
        : [`did you mean fromConfig('${near}')?`, 'declare it with defineConfig()'],
  };
}

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
