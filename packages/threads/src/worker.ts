/** The entry point for modules that run in threads of a pool. It must not import the rest of the package. */
export { currentCall, type CurrentCall } from './thread/current-call.ts';
export { transfer } from './transfer.ts';
