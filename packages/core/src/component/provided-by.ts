/** Stores on an identifier which component usually provides it, for the error about a missing provider. */
import { nameIdentifier, type ServiceIdentifier } from '../context/key.ts';

const hint: unique symbol = Symbol.for('@asphalt/core/provided-by') as never;

/**
 * Declares which component usually provides a class or a token. The error about a missing provider names it. A package
 * decorates its exports with it: `@providedBy('MailerComponent of @asphalt/mailer')`.
 *
 * @param name - the name under which the package exports the class of another library; messages, graphs and
 *   `asphalt explain` then use it
 */
export function providedBy(
  component: string,
  { name }: { readonly name?: string } = {},
): (id: ServiceIdentifier<unknown>) => void {
  return (id) => {
    Object.defineProperty(id, hint, { value: component, configurable: true });
    if (name !== undefined) nameIdentifier(id, name);
  };
}

/** Returns the component that usually provides an identifier. A subclass does not inherit the hint. */
export function providerHint(id: ServiceIdentifier<unknown>): string | undefined {
  return Object.hasOwn(id, hint) ? (id as { readonly [hint]?: string })[hint] : undefined;
}
