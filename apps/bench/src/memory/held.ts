/** Things that are weighed, all of them alive. */
export interface Held {
  /** Keeps them from being collected, and counts how many of them do what they are there for. */
  countAlive(): number;
}
