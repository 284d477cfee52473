/** The same method without a check, and with one: to be loaded when `ASPHALT_CHECKS` has been set. */
import { checked } from '@asphalt/core';

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
