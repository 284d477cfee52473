class Service {}

/** The class that is looked up. */
export class Wanted extends Service {}

const others = Array.from({ length: 9 }, (_, index): [string, new () => Service] => [
  `other${index}`,
  class extends Service {},
]);

/** Application-scoped services by name. `Wanted` is neither the first nor the last. */
export const services: ReadonlyArray<readonly [string, new () => Service]> = [
  ...others.slice(0, 5),
  ['wanted', Wanted],
  ...others.slice(5),
];
