/** For authors of integrations: sources of events that are acknowledged after they were handled. */
export { DeliveryReturnedError } from '../application/errors.ts';
export { Deliveries, type Consumer, type Consumption } from '../signal/deliveries.ts';
