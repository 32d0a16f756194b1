import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { verify } from '../../test/rig/cli.ts';
import type { Answer } from './answer.ts';
import { repository } from './checklist.ts';

/** Letters that base64, a URL and JSON write otherwise. */
const canary = (name: string): string => `canary-${name}-"Zq/+&é?=${Math.random().toString(36).slice(2)}`;

/** Every way in which a program may write a value: a text that holds any of them holds the secret. */
const forms = (value: string): string[] => [
  value,
  encodeURIComponent(value),
  JSON.stringify(value).slice(1, -1),
  Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1),
  Buffer.from(value).toString('base64url').replace(/=+$/, '').slice(0, -1),
];

/** Canaries in the environment, an env file, a URL, a header and a Compose configuration; then all that the run wrote and printed is searched. */
export async function secrets(folder: string): Promise<Answer> {
  const token = canary('env');
  const named = canary('named');
  const dotEnv = canary('dotenv');
  const inCompose = canary('compose');
  let header = '';
  const server = createServer((request, response) => {
    header = request.headers.authorization ?? header;
    response.end(JSON.stringify({ status: 'ok', echo: request.headers.authorization, url: request.url }));
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  repository(
    folder,
    `- { id: plain, uses: command, secrets: [NAMED], with: { run: [sh, print.sh], expect: { stdout: { contains: [done] } } } }
- { id: tooth, uses: command, secrets: [NAMED], with: { shell: "sh print.sh >&2; exit 1" } }
- { id: web, uses: prometheus/query, secrets: [NAMED], with: { url: "http://${at}", expr: up, series: { min: 1 }, token: NAMED, within: 1s } }
- { id: header, uses: http/get, secrets: [NAMED], with: { url: "http://${at}/?a=1", json: [{ path: $.status, equals: no }] } }
- { id: compose, uses: compose/config, with: { files: [compose.yml], services: [gone] } }`,
    {
      '.gitignore': 'reports\n.env\n',
      // The shell writes the value whole, in pieces, and in the encodings that are at hand.
      'print.sh': `for v in "$MY_API_TOKEN" "$NAMED"; do
printf '%s\\n' "$v"; printf '%s' "$v" | base64 -w0; echo
printf '%s' "$v" | cut -c1-9 | tr -d '\\n'; sleep 0.2; printf '%s\\n' "$v" | cut -c10-
node -e 'const v=process.argv[1];console.log(encodeURIComponent(v), JSON.stringify({v}), "https://u:"+encodeURIComponent(v)+"@example.org/")' "$v"
done; echo done\n`,
      'compose.yml':
        'services:\n  a: { image: b, environment: { DB_PASSWORD: "${MY_DB_PASSWORD}", T: "${MY_API_TOKEN}" }, env_file: [.env] }\n',
    },
  );
  writeFileSync(join(folder, '.env'), `DOT=${dotEnv}\n`);
  const env = { MY_API_TOKEN: token, NAMED: named, MY_DB_PASSWORD: inCompose };
  const { stdout, stderr } = await verify(['m1', '--no-ask', '--ui', 'plain'], { cwd: folder, env });
  const ndjson = await verify(['m1', '--no-ask', '--ui', 'ndjson'], { cwd: folder, env });
  server.close();
  const texts = new Map([
    ['the terminal', stdout + stderr],
    ['the ndjson', ndjson.stdout + ndjson.stderr],
  ]);
  const reports = join(folder, 'reports');
  if (!existsSync(reports)) return { figure: 'the run did not come about', bad: [stdout + stderr] };
  for (const name of readdirSync(reports, { recursive: true, encoding: 'utf8' }))
    if (statSync(join(reports, name)).isFile()) texts.set(name, readFileSync(join(reports, name), 'utf8'));
  const bad: string[] = [];
  for (const [place, text] of texts)
    for (const [name, value] of Object.entries({ token, named, dotEnv, inCompose }))
      for (const form of forms(value))
        if (text.includes(form)) bad.push(`${place} holds the canary ${name}: ${form.slice(0, 60)}`);
  if (!header.includes(named)) bad.push('the header with the secret was never sent: nothing was tried');
  if (![...texts.values()].some((text) => text.includes('[redacted]')))
    bad.push('nothing was taken out: nothing was tried');
  if (texts.size < 10) bad.push(`only ${texts.size} files were there to search`);
  return { figure: `4 canaries in 5 forms, ${texts.size} files and outputs searched: ${bad.length} hits`, bad };
}
