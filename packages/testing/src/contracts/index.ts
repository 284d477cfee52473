export { describeServer } from './describe-server.ts';
export type { ContractLink, ContractServer, ServerContract } from './server-contract.ts';
