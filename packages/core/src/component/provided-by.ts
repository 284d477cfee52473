/** What an identifier knows of where it is usually provided, for those who forgot to name the component. */
import type { ServiceIdentifier } from '../context/key.ts';

const hint: unique symbol = Symbol.for('@asphalt/core/provided-by') as never;

/**
 * Says on a class or a token which component usually provides it; the report of a missing provider then names that.
 * A package writes it on what it exports: `@providedBy('MailerComponent of @asphalt/mailer')`.
 */
export function providedBy(component: string): (id: ServiceIdentifier<unknown>) => void {
  return (id) => void Object.defineProperty(id, hint, { value: component, configurable: true });
}

/** Who usually provides an identifier; a subclass is another identifier, of which nothing is known. */
export function providerHint(id: ServiceIdentifier<unknown>): string | undefined {
  return Object.hasOwn(id, hint) ? (id as { readonly [hint]?: string })[hint] : undefined;
}
