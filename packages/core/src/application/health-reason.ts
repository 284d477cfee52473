/**
 * Describes why a health check failed, for a report that may leave the process: on one short line, without the values of
 * sensitive options, logins in URLs and characters that control a terminal. It finds values as they are written, not encoded
 * ones.
 */
import { types } from 'node:util';
import { maskUrls, masked, shortened } from '../config/describe.ts';
import { secretsIn } from '../config/secrets.ts';
import { TeardownError } from '../context/errors.ts';
import { describeThrown } from '../errors/asphalt-error.ts';
import { ComponentNode } from '../graph/component-node.ts';
import type { Plan } from '../graph/plan.ts';

const longest = 200;

/** Shorter values are part of too many words. */
const shortestSecret = 4;

/** Control characters, invisible characters and separators of lines. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

export function reasonOf(error: unknown, plan: Plan): string {
  let text = describeThrown(failureIn(error));
  for (const secret of secretsOf(plan)) text = text.replaceAll(secret, masked);
  text = maskUrls(text).replace(unsafe, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
  return shortened(text, longest);
}

/** Returns the cause of the error of a teardown, which only counts the failures. */
function failureIn(error: unknown): unknown {
  // `instanceof` may throw for a proxy.
  return !types.isProxy(error) && error instanceof TeardownError ? error.cause : error;
}

/** Returns the sensitive values of all components, longest first, because one may contain another. */
function secretsOf({ components }: Plan): string[] {
  const secrets = components.flatMap(({ node }) => {
    const schema = node.declarations.component?.options.config;
    return schema ? [...secretsIn(schema, ComponentNode.configOf(node))] : [];
  });
  return secrets.filter(({ length }) => length >= shortestSecret).sort((a, b) => b.length - a.length);
}
