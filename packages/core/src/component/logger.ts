import type { LogLevel } from '../config/logging-setting.ts';

/**
 * The logger interface of components. Core has no implementation; the command line or the application provides one.
 *
 * An implementation must not throw. Its methods must work without their object, and with an error in place of the
 * message, because code writes `.catch(this.logger.error)`.
 */
export interface Logger {
  debug(message: string, data?: object): void;
  info(message: string, data?: object): void;
  warn(message: string, data?: object): void;
  error(message: string, data?: object): void;
  /**
   * Returns a logger whose lines contain a name, such as a component's path, or whose data contain further values, such as
   * the ids of a context: `this.logger.child(context.ids)`.
   */
  child(what: string | Readonly<Record<string, unknown>>): Logger;
  /** Changes the lowest level that this logger and its children write. A logger with fixed levels has no such method. */
  setLevel?(level: LogLevel): void;
}

const ignore = (): void => undefined;

/** A logger that writes nothing. */
export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};
