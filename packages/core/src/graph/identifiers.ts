/**
 * Which identifiers declarations mean. Lazy ones are followed. What inversify shares under a symbol or a text is the
 * token that was made with it.
 */
import { declaredIdentifier, type DeclaredIdentifier } from '../component/declarations.ts';
import type { ForeignIdentifier } from '../component/inversify-metadata.ts';
import { LazyServiceIdentifier, Token, type ServiceIdentifier } from '../context/key.ts';

type Id = ServiceIdentifier<unknown>;

export class Identifiers {
  readonly #tokens = new Map<ForeignIdentifier, Token<unknown>>();

  /** Learns of an identifier that is provided. */
  learn(id: Id): void {
    if (!(id instanceof Token)) return;
    const known = this.#tokens.get(id.key);
    // Of two tokens with one name nobody can tell which one is meant: neither is.
    if (known !== id) this.#tokens.set(id.key, known ? new Token(id.key) : id);
  }

  /** @throws what a lazy identifier throws, and where it has none. */
  of(declared: DeclaredIdentifier | ForeignIdentifier): Id {
    if (isForeign(declared)) return this.#tokenOf(declared);
    // A class needs no look at what it has, which would take the engine long.
    if (typeof declared === 'function') return declared;
    if ('unwrap' in declared && !(declared instanceof LazyServiceIdentifier)) {
      const real = declared.unwrap();
      if (isForeign(real)) return this.#tokenOf(real);
    }
    return declaredIdentifier(declared);
  }

  #tokenOf(key: ForeignIdentifier): Token<unknown> {
    const known = this.#tokens.get(key);
    if (known) return known;
    const unknown = new Token<unknown>(key);
    this.#tokens.set(key, unknown);
    return unknown;
  }
}

function isForeign(id: unknown): id is ForeignIdentifier {
  return typeof id === 'string' || typeof id === 'symbol';
}
