import { html } from 'hono/html';
import type { Html } from './diff-html.ts';

export interface LayoutOptions {
  readonly title: string;
  readonly body: Html;
  /** Returns the path of an asset, which changes with its content. */
  readonly asset: (file: string) => string;
  /** The id of the newest change on the page, after which live updates start. Without it, the page is not updated. */
  readonly live?: number | undefined;
}

/** Renders the frame of every page. */
export function layout({ title, body, asset, live }: LayoutOptions): Html {
  const logo = asset('icon.svg');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${logo}" type="image/svg+xml">
<link rel="stylesheet" href="${asset('pagewatch.css')}">
<script type="module" src="${asset('pagewatch.js')}"></script>
</head>
<body${live === undefined ? '' : html` data-live="${live}"`}>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
<a class="brand" href="/"><img src="${logo}" alt="" width="28" height="28">Pagewatch</a>
${live === undefined ? '' : html`<p class="connection" id="connection" data-state="connecting"><span class="word">Connecting</span></p>`}
</header>
<main id="main">${body}</main>
<footer class="bottom">Built with Asphalt for TypeScript</footer>
</body>
</html>`;
}
