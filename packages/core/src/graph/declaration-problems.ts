/** Reports decorators of a component class that cannot work. */
import type { NeedDeclaration } from '../component/declaration-types.ts';
import type { AsphaltError } from '../errors/asphalt-error.ts';
import type { ComponentNode } from './component-node.ts';
import { DecoratorError, UndeclaredParameterError } from './declaration-errors.ts';
import { memberText, slotText } from './problem-text.ts';

const none: readonly AsphaltError[] = [];

/** Returns the problems of a component's own declarations, which do not depend on the rest of the graph. */
export function declarationProblems(node: ComponentNode): readonly AsphaltError[] {
  const { misuses, undeclared, lifecycle } = node.declarations;
  if (misuses.length + undeclared.length + lifecycle.length === 0) return none;
  const problems: AsphaltError[] = [];
  for (const { decorator, member, index, reason, help, site } of misuses) {
    problems.push(new DecoratorError(decorator, node, memberText(member, index), { reason, help, site }));
  }
  for (const parameter of undeclared) problems.push(new UndeclaredParameterError(node, parameter));
  for (const { decorator, member } of lifecycle) {
    const reason = 'the runtime calls only the hooks of a component';
    const help =
      decorator === '@postConstruct()'
        ? 'move its code to start()'
        : 'make start() a generator and move the code after its `yield`';
    problems.push(new DecoratorError(decorator, node, memberText(member, undefined), { reason, help, site: {} }));
  }
  return problems;
}

/** Returns the problem of a need on a method that the runtime never calls. */
export function uncalledMethod(node: ComponentNode, need: NeedDeclaration): AsphaltError {
  const help = 'decorate the method with @provides, @task, @on or @health, or use a hook: prepare, start or ready';
  const reason = 'the runtime does not call this method';
  const decorator = need.all ? '@injectAll()' : '@inject()';
  return new DecoratorError(decorator, node, slotText(need), { reason, help, site: need.site });
}
