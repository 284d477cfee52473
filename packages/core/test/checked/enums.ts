/** Enums in a separate file: a compiler that sees one file at a time does not know the types of their members. */
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
