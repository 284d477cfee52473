/** What a class says with decorators that cannot hold where it stands. */
import type { NeedDeclaration } from '../component/declarations.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import { nearMisses } from '../errors/near-misses.ts';
import type { ComponentNode } from './component-node.ts';
import { DecoratorError, memberText, slotText, UndeclaredParameterError } from './problems.ts';

const none: readonly AsphaltError[] = [];

/** What is wrong with the declarations of a component, whatever else there is in the graph. */
export function declarationProblems(node: ComponentNode): readonly AsphaltError[] {
  const { misuses, undeclared, lifecycle } = node.declarations;
  if (misuses.length + undeclared.length + lifecycle.length === 0) return none;
  const problems: AsphaltError[] = [];
  for (const { decorator, member, index, reason, help, site } of misuses) {
    problems.push(new DecoratorError(decorator, node, memberText(member, index), reason, help, site));
  }
  for (const index of undeclared) problems.push(new UndeclaredParameterError(node, index));
  for (const { decorator, member } of lifecycle) {
    const reason = 'the runtime calls the hooks of components, and no other methods';
    const help = `do it in ${decorator === '@postConstruct()' ? 'start()' : 'a generator start(), after its `yield`'}`;
    problems.push(new DecoratorError(decorator, node, memberText(member, undefined), reason, help, {}));
  }
  return problems;
}

/** A need of a method that neither the runtime nor a decorator has called. */
export function uncalledMethod(node: ComponentNode, need: NeedDeclaration): AsphaltError {
  const help = 'make the method a @provides, @task or @on, or take a hook: prepare, start or ready';
  const reason = 'the runtime does not call this method';
  return new DecoratorError(need.all ? '@injectAll()' : '@inject()', node, slotText(need), reason, help, need.site);
}

/** Why `fromConfig` finds no name in an option. */
export function nameFault(option: string, known: readonly string[]): { reason: string; help: string } {
  if (known.includes(option)) {
    return { reason: `the option "${option}" gives no text`, help: "declare it with format: 'string'" };
  }
  const [near] = nearMisses(option, known);
  const there = known.length === 0 ? 'there are none' : `there is ${known.join(', ')}`;
  return {
    reason: `the component has no option "${option}"`,
    help: near === undefined ? `declare it with defineConfig(); ${there}` : `did you mean fromConfig('${near}')?`,
  };
}
