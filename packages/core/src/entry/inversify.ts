/** The inversify container of a context. Importing this entry point loads inversify, which you install. */
export { containerOf, type ResourceSource } from '../context/container.ts';
