export { expectNotBlocking } from './expect-not-blocking.ts';
