import { token } from '@asphalt/core';
import type { Queue } from '@asphalt/messaging';
import type { OrderMessage } from './order.ts';

/** Orders to charge. */
export const Charges = token<Queue<OrderMessage>>('Charges');

/** Orders whose receipts are to be mailed. */
export const Mails = token<Queue<OrderMessage>>('Mails');
