import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StepContext } from '../../core/step.ts';
import { ofStack, type Attempt } from './attempt.ts';

/** HTTP both ways, TCP ports, the browser. */
export function networkDoor(
  attempt: Attempt,
): Pick<StepContext, 'http' | 'listen' | 'freePort' | 'portHolder' | 'portIntruder' | 'browser'> {
  const { run, step, uses, clean } = attempt;
  return {
    async http(url, options = {}) {
      uses.bind('it asks a service, and another may answer now');
      const http = await run.shared.http();
      const result = await http.request(url, options, attempt.remaining(), attempt.signal, attempt.files.absolute);
      if (!result.reached) return { ...result, message: clean(result.message) };
      if (options.evidence !== undefined) run.store.write(step.id, options.evidence, result.body);
      return result;
    },
    async listen(handler) {
      uses.bind('it waits for what a service sends');
      const server = createServer((request, response) => {
        const parts: Buffer[] = [];
        request.on('data', (part: Buffer) => parts.push(part));
        request.on('end', () => {
          const answer = handler({
            method: request.method ?? '',
            path: request.url ?? '',
            body: Buffer.concat(parts).toString('utf8'),
          });
          response
            .writeHead(answer.status, { 'content-type': answer.type ?? 'application/json' })
            .end(answer.body ?? '');
        });
      });
      await new Promise<void>((done, fail) => {
        server.once('error', fail).listen(0, '127.0.0.1', done);
      });
      const close = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => done());
          server.closeAllConnections();
        });
      attempt.closers.push(close);
      const { port } = server.address() as AddressInfo;
      return { url: `http://127.0.0.1:${port}`, port, close };
    },
    async freePort() {
      return (await import('../../hosts/ports.ts')).freePort();
    },
    async portHolder(port) {
      uses.bind(ofStack);
      return (await (await import('../../hosts/ports.ts')).portHolders(port))[0]?.text;
    },
    async portIntruder(port, leader) {
      const { belongsTo, portHolders } = await import('../../hosts/ports.ts');
      const others = (await portHolders(port)).filter(
        ({ pid }) => pid !== undefined && belongsTo(pid, leader) === false,
      );
      if (others.length === 0) return undefined;
      // A service that has put itself into the background bears the run's mark still.
      const { marked } = await import('../../hosts/processes.ts');
      const own = marked(run.runId);
      return others.find(({ pid }) => pid !== undefined && !own.includes(pid))?.text;
    },
    browser: () => {
      uses.bind('it looks at pages that a service shows');
      return run.shared.browser();
    },
  };
}
