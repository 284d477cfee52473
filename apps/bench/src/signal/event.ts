/** What is sent to subscribers and through streams. */
export interface Event {
  readonly amount: number;
}
