/**
 * Types with which the compiler compares an injected value with the declared type of its place.
 *
 * Legacy decorators receive the class (or its prototype), the member's key and, on parameters, a literal index. These
 * determine the declared type of the place. If it cannot be determined, as for private members, nothing is compared.
 */

/** A resource that is looked up when it is used, not before the component is created. */
export interface Deferred<T> {
  /**
   * Returns the resource.
   *
   * @throws if the resource is not published yet
   */
  get(): T;
}

/** The type that compiler errors name if an injected value does not fit its place. */
export interface DoesNotFit<Injected, Declared> {
  readonly injected: Injected;
  readonly declared: Declared;
}

type Fits<V, Declared> = [V] extends [Declared] ? unknown : DoesNotFit<V, Declared>;

type ParameterAt<F, I extends number> = F extends (...args: infer A) => unknown ? A[I] : unknown;

type ConstructorParameterAt<C, I extends number> = C extends abstract new (...args: infer A) => unknown
  ? A[I]
  : unknown;

/** `unknown` if a `V` may be injected at the place; otherwise a type that no value has and whose name explains why. */
type Accepts<V, C, K, I> = I extends number
  ? K extends keyof C
    ? Fits<V, ParameterAt<C[K], I>>
    : Fits<V, ConstructorParameterAt<C, I>>
  : K extends keyof C
    ? Fits<V, C[K]>
    : unknown;

/** A decorator of a constructor parameter, a property or a method parameter that receives a `V`. */
export type Injection<V> = <
  C extends object,
  K extends PropertyKey | undefined,
  I extends number | undefined = undefined,
>(
  target: C & Accepts<V, C, K, I>,
  member: K,
  index?: I,
) => void;

/** The possible results of a provider method for a `T`. */
export type Provided<T> = T | Promise<T> | Generator<T, void, unknown> | AsyncGenerator<T, void, unknown>;

/** A decorator of a method that provides a `T`, or of a class whose `start()` publishes one. */
export interface Provision<T> {
  <M extends (...args: never[]) => Provided<T>>(
    prototype: object,
    member: PropertyKey,
    descriptor: TypedPropertyDescriptor<M>,
  ): void;
  (type: abstract new (...args: never[]) => object): void;
}

/** A decorator of a method whose first parameter takes an `E`. */
export type Handling<E> = <M extends (event: E, ...rest: never[]) => unknown>(
  prototype: object,
  member: PropertyKey,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/** A decorator of any method. */
export type MethodDecoration = <M extends (...args: never[]) => unknown>(
  prototype: object,
  member: PropertyKey,
  descriptor: TypedPropertyDescriptor<M>,
) => void;
