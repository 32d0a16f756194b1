import { imageName } from '../formats/compose/model.ts';
import { objectOf } from '../formats/data/json-parts.ts';
import { yamlOf } from '../formats/data/yaml.ts';
import { namedConfig } from './config-checks.ts';
import type { Container } from './container.ts';

// blackbox.yml of the project, which is the image's own.
const ofImage =
  'http_2xx http_post_2xx tcp_connect pop3s_banner grpc grpc_plain ssh_banner ssh_banner_extract irc_banner icmp icmp_ttl5'.split(
    ' ',
  );

/** The modules of a blackbox exporter's configuration; undefined where it is none, or where they cannot be seen. */
export async function probeModules(container: Container): Promise<string[] | undefined> {
  const { service } = container;
  if (!/^blackbox[-_]exporter$/.test(imageName(service.image)) || service.scripted) return undefined;
  const named = namedConfig(service.command);
  const path = named ?? '/etc/blackbox_exporter/config.yml';
  const found = await container.find(path);
  if (!found) return named === undefined && !service.built && !container.mayHold(path) ? ofImage : undefined;
  const modules =
    found.kind === 'file' ? Object.keys(objectOf(objectOf(yamlOf(await container.read(found)))['modules'])) : [];
  return modules.length === 0 ? undefined : modules;
}
