/** Renders the mail about a charged order. */
import type { MailMessage } from '@asphalt/mailer';
import { html } from 'hono/html';
import { formatAmount, type Order } from './order.ts';

const cell = 'padding:6px 12px 6px 0;border-bottom:1px solid #e2e5ea';

/** Composes the receipt. A second mail about the same order has the same `Message-ID`, so mail programs show it once. */
export async function receipt({ id, email, items, total }: Order): Promise<MailMessage> {
  const lines = items.map(({ name, quantity, price }) => `${quantity} × ${name}: ${formatAmount(quantity * price)}`);
  const rows = items.map(
    ({ name, quantity, price }) =>
      html`<tr>
        <td style="${cell}">${quantity} × ${name}</td>
        <td style="${cell};text-align:right">${formatAmount(quantity * price)}</td>
      </tr>`,
  );
  const body = await html`<!doctype html>
    <body style="font-family:-apple-system,'Segoe UI',Roboto,sans-serif;color:#1b1f27">
      <p>Thank you for your order.</p>
      <table style="border-collapse:collapse">
        ${rows}
        <tr>
          <td style="padding:6px 12px 6px 0"><strong>Total</strong></td>
          <td style="padding:6px 0;text-align:right"><strong>${formatAmount(total)}</strong></td>
        </tr>
      </table>
      <p style="color:#5b6472;font-size:13px">Order ${id}</p>
    </body>`;
  return {
    to: email,
    subject: `Your order of ${formatAmount(total)}`,
    text: `Thank you for your order.\n\n${lines.join('\n')}\nTotal: ${formatAmount(total)}\n\nOrder ${id}\n`,
    html: String(body),
    headers: { 'Auto-Submitted': 'auto-generated', 'Message-ID': `<order-${id}@orders.asphalt>` },
  };
}
