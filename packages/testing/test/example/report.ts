/** Takes its orders a few at a time, and lets others run between. */
export async function makeReport(orders: readonly number[]): Promise<{ readonly total: number }> {
  let total = 0;
  for (let start = 0; start < orders.length; start += 10) {
    for (const order of orders.slice(start, start + 10)) total += order;
    await new Promise(setImmediate);
  }
  return { total };
}
