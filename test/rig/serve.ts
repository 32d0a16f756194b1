import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export type Reply =
  | { status?: number; type?: string; body?: string; headers?: Record<string, string> }
  | ((response: ServerResponse, body: string, url: string, method: string) => void);

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

/** A small real HTTP server on a free port; answers by the longest path prefix that matches. */
export async function serve(routes: Record<string, Reply>): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const url = request.url ?? '/';
      const path = Object.keys(routes)
        .filter((one) => url.startsWith(one))
        .toSorted((a, b) => b.length - a.length)[0];
      const reply = path === undefined ? { status: 404, type: 'text/plain', body: 'not found' } : routes[path];
      if (typeof reply === 'function') reply(response, body, url, request.method ?? '');
      else
        response
          .writeHead(reply?.status ?? 200, { 'content-type': reply?.type ?? 'application/json', ...reply?.headers })
          .end(reply?.body ?? '');
    });
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What may stand in for an answer: every "nothing there" that a real server has been seen to give. */
export const nothings: Record<string, Reply> = {
  'an HTML page with 200': { type: 'text/html', body: '<html><title>Login</title></html>' },
  'JSON of something else': { body: '{"hello":"world"}' },
  'an empty object': { body: '{}' },
  null: { body: 'null' },
  '204': { status: 204 },
  '404': { status: 404, type: 'text/plain', body: '404 page not found' },
  '500': { status: 500, type: 'text/plain', body: 'oops' },
  '503 JSON': { status: 503, body: '{"status":"error","errorType":"timeout","error":"slow"}' },
  '401': { status: 401, type: 'text/plain', body: 'Unauthorized' },
  'a redirect': { status: 302, headers: { location: 'http://127.0.0.1:1/login' } },
  'cut JSON': { body: '{"status":"success","data":{"resultType":"vec' },
  'a closed connection': (response) => response.destroy(),
};
