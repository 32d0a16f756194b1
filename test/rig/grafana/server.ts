/**
 * The double as a program of its own: the service `grafana` of a Compose stack where no image of Grafana can be had (scripts/images.mjs
 * makes it one). Reads what Grafana reads: provisioning, its variables of the environment, the dashboards at the providers' paths. Its
 * image bears the label verify.double, and it says `"commit": "double"` of itself, so that no run over it has full fidelity.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { grafanaDouble, type DoubleBoard } from './double.ts';

const { env } = process;

/** Grafana puts variables of the environment into its configuration. */
const expanded = (text: string): string => text.replace(/\$__env\{(\w+)\}/g, (_, name: string) => env[name] ?? '');
const provisioning = env['GF_PATHS_PROVISIONING'] ?? '/etc/grafana/provisioning';

/** The lists under a key in the YAML files of a folder of provisioning. */
function provisioned<T>(folder: string, key: string): T[] {
  const path = join(provisioning, folder);
  return readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name))
    .flatMap((name) => (parse(readFileSync(join(path, name), 'utf8')) as Record<string, T[] | undefined>)[key] ?? []);
}

const folders = provisioned<{ options: { path: string } }>('dashboards', 'providers').map((one) => one.options.path);
const boards = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as DoubleBoard),
);
const source = provisioned<{ uid: string; name: string; url: string; type: string }>('datasources', 'datasources').find(
  (one) => one.type === 'prometheus',
);
if (!source) throw new Error(`no data source of the type prometheus is provisioned in ${provisioning}`);

const { url } = await grafanaDouble({
  version: '11.5.0',
  boards,
  prometheus: source.url,
  source: { uid: source.uid, name: source.name },
  // A switch for one scenario, set in an image that the scenario makes for itself: never in the sample's.
  full: env['VERIFY_TEST_FULL'] === 'true',
  anonymous: env['GF_AUTH_ANONYMOUS_ENABLED'] === 'true',
  user: {
    name: env['GF_SECURITY_ADMIN_USER'] ?? 'admin',
    password: expanded(env['GF_SECURITY_ADMIN_PASSWORD'] ?? 'admin'),
  },
  listen: { host: env['GF_SERVER_HTTP_ADDR'] ?? '0.0.0.0', port: Number(env['GF_SERVER_HTTP_PORT'] ?? 3000) },
});
process.stdout.write(`a double of Grafana with ${boards.length} dashboards at ${url}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
