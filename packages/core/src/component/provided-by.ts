/** Stores on an identifier which component usually provides it, for the error about a missing provider. */
import type { ServiceIdentifier } from '../context/key.ts';

const hint: unique symbol = Symbol.for('@asphalt/core/provided-by') as never;

/**
 * Declares which component usually provides a class or a token. The error about a missing provider names it. A package
 * decorates its exports with it: `@providedBy('MailerComponent of @asphalt/mailer')`.
 */
export function providedBy(component: string): (id: ServiceIdentifier<unknown>) => void {
  return (id) => void Object.defineProperty(id, hint, { value: component, configurable: true });
}

/** Returns the component that usually provides an identifier. A subclass does not inherit the hint. */
export function providerHint(id: ServiceIdentifier<unknown>): string | undefined {
  return Object.hasOwn(id, hint) ? (id as { readonly [hint]?: string })[hint] : undefined;
}
