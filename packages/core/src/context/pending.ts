/** A placeholder for a value whose factory is still running. @internal */
export class Pending {
  constructor(readonly promise: Promise<unknown>) {}
}
