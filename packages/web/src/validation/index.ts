export { ValidationError, type ValidationIssue } from './errors.ts';
export { validated, type ValidatedInput } from './validated.ts';
