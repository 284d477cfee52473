/** Enums in a file of their own: a compiler that sees one file at a time does not see what their members are. */
export enum Level {
  Low,
  High = -1,
}

export enum Currency {
  Euro = 'EUR',
  Dollar = 'USD',
}

export enum Mixed {
  Number = 1,
  Text = 'text',
}
