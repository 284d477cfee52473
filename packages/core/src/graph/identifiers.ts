/**
 * Resolves the identifiers of declarations. Unwraps lazy identifiers, and maps a symbol or a string of inversify to the
 * token that was created with it.
 */
import { declaredIdentifier } from '../component/declarations.ts';
import type { DeclaredIdentifier, ForeignIdentifier } from '../component/declaration-types.ts';
import { LazyServiceIdentifier, Token, type ServiceIdentifier } from '../context/key.ts';

type Id = ServiceIdentifier<unknown>;

export class Identifiers {
  readonly #tokens = new Map<ForeignIdentifier, Token<unknown>>();

  /** Records a provided identifier. */
  learn(id: Id): void {
    if (!(id instanceof Token)) return;
    const known = this.#tokens.get(id.key);
    // If two tokens share a key, a symbol or string of inversify is ambiguous and matches neither of them.
    if (known !== id) this.#tokens.set(id.key, known ? new Token(id.key) : id);
  }

  /**
   * Returns the identifier of a declaration.
   *
   * @throws the error of a lazy identifier, or an error if a lazy identifier returns no identifier
   */
  of(declared: DeclaredIdentifier | ForeignIdentifier): Id {
    if (isForeign(declared)) return this.#tokenOf(declared);
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
