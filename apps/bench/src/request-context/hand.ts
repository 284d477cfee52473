import { Basket, handle, Session, Trace, Transaction, User } from './values.ts';

export async function prepare(): Promise<() => Promise<void>> {
  return serve;
}

async function serve(): Promise<void> {
  const session = await open(Session);
  try {
    const user = await open(User);
    try {
      const basket = await open(Basket);
      try {
        const transaction = await open(Transaction);
        try {
          const trace = await open(Trace);
          try {
            handle(session, user, basket, transaction, trace);
          } finally {
            await trace.dispose();
          }
        } finally {
          await transaction.dispose();
        }
      } finally {
        await basket.dispose();
      }
    } finally {
      await user.dispose();
    }
  } finally {
    await session.dispose();
  }
}

async function open<T>(Type: new () => T): Promise<T> {
  return new Type();
}
