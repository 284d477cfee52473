/** The event that subscribers and streams receive. */
export interface Event {
  readonly amount: number;
}
