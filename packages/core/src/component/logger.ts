/** Where components write. Core brings no logger of its own; the command line and applications plug one in. */
export interface Logger {
  debug(message: string, data?: object): void;
  info(message: string, data?: object): void;
  warn(message: string, data?: object): void;
  error(message: string, data?: object): void;
  /** A logger whose lines carry a name, such as a component's path. */
  child(name: string): Logger;
}

const ignore = (): void => undefined;

/** Writes nothing. */
export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};
