/** The measured objects, all of them alive. */
export interface Held {
  /** Keeps the objects reachable, and counts how many of them work. */
  countAlive(): number;
}
