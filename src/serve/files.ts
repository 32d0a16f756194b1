import type { Context } from 'hono';

const pictures: Record<string, string> = {
  png: 'image/png',
  webp: 'image/webp',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
};
const texts = /(?:^|\/)[^./]+$|\.(?:txt|log|stdout|stderr|json|ya?ml|toml|md|csv|rs|sh|py|go|js|ts)$/i;

/** A file as a picture, as text, or to be saved: never as something that a browser runs. */
export function serveFile(c: Context, path: string, data: Buffer): Response {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  const type = pictures[ending] ?? (texts.test(path) ? 'text/plain; charset=utf-8' : undefined);
  c.header('Content-Security-Policy', "default-src 'none'; sandbox; frame-ancestors 'none'");
  if (type === undefined) c.header('Content-Disposition', 'attachment');
  return c.body(new Uint8Array(data), 200, { 'content-type': type ?? 'application/octet-stream' });
}

/** The rendered report, which brings a stricter policy of its own: no script, no form, pictures of its own folder. */
export function serveReport(c: Context, data: Buffer): Response {
  c.header(
    'Content-Security-Policy',
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-same-origin",
  );
  return c.body(new Uint8Array(data), 200, { 'content-type': 'text/html; charset=utf-8' });
}
