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

/** Returns the message of the only problem. */
export async function problemOf(root: ComponentClass | undefined, config?: PlanOptions['config']): Promise<string> {
  const [problem, ...others] = await problemsOf(root, config);
  if (problem === undefined || others.length > 0) throw new Error(`${others.length + (problem ? 1 : 0)} problems`);
  return problem;
}
