import type { StepContext } from '../core/step.ts';
import { mountOf } from '../formats/compose/model.ts';
import { configOfImage, listeningOf, protocolOf, type Listening } from '../formats/compose/image-ports.ts';
import { short } from './checks.ts';
import { namedConfig } from './config-checks.ts';
import type { Container } from './container.ts';

/** The ports that a service listens on, by its configuration as the container will find it; undefined where that is not certain. */
export async function lookAtPorts(container: Container, ctx: StepContext): Promise<Listening | undefined> {
  const { service } = container;
  const named = service.command.filter((word) => /^--?config(?:[.-]file)?(?:=|$)/.test(word)).length;
  const path = named > 0 ? namedConfig(service.command) : configOfImage(service.image);
  // A path that is not plain, or more than one file.
  if (named > 1 || (named === 1 && path === undefined)) return listeningOf(service, null);
  const found = path === undefined ? undefined : await container.find(path);
  if (found?.kind === 'file')
    return listeningOf(service, { file: short(ctx, found.host), text: await container.read(found) });
  const hidden =
    path !== undefined &&
    ((named > 0 && path !== configOfImage(service.image)) ||
      mountOf(service, path)?.type === 'volume' ||
      container.mayHold(path));
  return listeningOf(service, hidden ? null : undefined);
}

/** The protocol in which a service is to be asked, by its flags and the web configuration that they name. */
export async function lookAtProtocol(container: Container): Promise<'http' | 'https' | undefined> {
  const path = /--web\.config\.file[= ](\/\S+)/.exec(container.service.command.join(' '))?.[1];
  const found = path === undefined ? undefined : await container.find(path);
  return protocolOf(container.service, found?.kind === 'file' ? await container.read(found) : undefined);
}
