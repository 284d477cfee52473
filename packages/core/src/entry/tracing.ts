/** For authors of integrations and instrumentation: calls that tracing channels publish. */
export {
  tracePoint,
  type CallTrace,
  type EventTrace,
  type TraceMessage,
  type TracePoint,
} from '../context/trace-point.ts';
