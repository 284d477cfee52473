/** The same method with and without a check. Load this module after `ASPHALT_CHECKS` is set. */
import { checked } from '@asphalt/core/checked';

export class Plain {
  add(balance: number, amount: number): number {
    return balance + amount;
  }
}

export class Checked {
  @checked({ args: [Number, Number], returns: Number })
  add(balance: number, amount: number): number {
    return balance + amount;
  }
}
