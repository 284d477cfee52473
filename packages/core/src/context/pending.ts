/** A value that is being made; stands in a table until it is there. @internal */
export class Pending {
  constructor(readonly promise: Promise<unknown>) {}
}
