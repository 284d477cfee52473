import type { ComponentClass, PlanOptions } from '@asphalt/core';
import { planApplication } from '@asphalt/core/inspect';

/** Replaces the line numbers of test files in a message, because they change. */
export function withoutLines(text: string): string {
  return text.replace(/(?:[^\s'"(]*\/)?([\w-]+\.test\.ts):\d+(?::\d+)?/g, '$1:LINE');
}

/** Returns the messages of all problems of an application. */
export async function problemsOf(root: ComponentClass | undefined, config?: PlanOptions['config']): Promise<string[]> {
  const { problems } = await planApplication(root, config === undefined ? {} : { config });
  return problems.map(({ message }) => withoutLines(message));
}

/** Returns the message of the only problem. Throws if the application has none or several. */
export async function problemOf(root: ComponentClass | undefined, config?: PlanOptions['config']): Promise<string> {
  const problems = await problemsOf(root, config);
  if (problems.length !== 1) throw new Error(`expected one problem, got ${problems.length}:\n${problems.join('\n')}`);
  return problems[0]!;
}
