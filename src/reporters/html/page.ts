import { createHash } from 'node:crypto';
import { markup, Markup } from './markup.ts';
import { css } from './style.ts';

const styleHash = createHash('sha256').update(css).digest('base64');

/**
 * A whole page: no script, no request. The policy allows the one style sheet inside, pictures inside and, where the page links
 * pictures beside it, files of its own origin (on `file:` that is the disk).
 */
export function page(options: { title: string; linksPictures: boolean; body: Markup }): string {
  const policy = `default-src 'none'; img-src ${options.linksPictures ? "'self' data:" : 'data:'}; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;
  return markup`<!doctype html><html lang="en"><head><meta charset="utf-8"/><meta http-equiv="Content-Security-Policy" content="${new Markup(policy)}"/><meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="referrer" content="no-referrer"/><meta name="color-scheme" content="light dark"/><title>${options.title}</title><style>${new Markup(css)}</style></head>
<body>
<a class="skip" href="#main">Skip to the report</a>
${options.body}
</body>
</html>
`.toString();
}
