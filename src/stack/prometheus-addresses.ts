import { isPlaceholder, isForAPerson } from './filled-in.ts';
import { answersNoHttp } from '../formats/compose/image-ports.ts';
import { type ComposeService, imageName, routePrefix, asPrefix } from '../formats/compose/model.ts';
import { type StackJudge, type Around, judgeHost } from './checks.ts';
import type { SeenPrometheus } from './prometheus-checks.ts';

/** Do the addresses that Prometheus asks lead to services? */
export function judgeAddresses(
  j: StackJudge,
  seen: SeenPrometheus,
  own: ComposeService,
  around: Around,
  file: string,
): void {
  judgeTargets(j, seen, own, around, file);
  judgeScrapedPaths(j, seen, own, around, file);
  judgeAlertmanagers(j, seen, own, around, file);
}

function judgeTargets(j: StackJudge, seen: SeenPrometheus, own: ComposeService, around: Around, file: string): void {
  for (const target of seen.targets) {
    const address = addressOf(target.address);
    const service = around.services.find((one) => one !== own && one.aliases.includes(address?.host ?? ''));
    if (address && service && !service.built && answersNoHttp(service.image, address.port))
      j.find(
        'scrape-no-http',
        `the job ${target.job} scrapes ${target.address}: ${service.name} (${service.image}) does not speak HTTP, so the target is always down`,
        {
          subject: target.job,
          where: { file, line: target.line },
          ...(service.scripted && { level: 'warning' as const }),
        },
      );
    else if (address && !(seen.filled && isPlaceholder(target.address)))
      judgeHost(
        j,
        { own, ownPort: seen.ownPort, around },
        {
          ...address,
          ...(target.scheme !== undefined && { scheme: target.scheme }),
          what: `the job ${target.job} scrapes ${target.address}`,
          codes: { host: 'scrape-host', port: 'scrape-port' },
          about: {
            subject: target.job,
            where: { file, line: target.line },
            ...(isForAPerson(target.address) && { level: 'note' as const }),
          },
        },
      );
  }
}

/** Is what is scraped of a service at a path, or by a module, that it has? */
function judgeScrapedPaths(
  j: StackJudge,
  seen: SeenPrometheus,
  own: ComposeService,
  around: Around,
  file: string,
): void {
  for (const { job, address, module, line, path } of seen.targets) {
    const host = addressOf(address)?.host ?? '';
    const exporter = around.services.find((service) => service.aliases.includes(host));
    const asked =
      /^(?:localhost|127\.0\.0\.1)$/.test(host) && addressOf(address)?.port === seen.ownPort ? own : exporter;
    const serves =
      asked && /^(?:prometheus|alertmanager)$/.test(imageName(asked.image)) ? routePrefix(asked.command) : '';
    if (asked && path !== undefined && serves !== '' && !serves.includes('$') && !path.startsWith(`${serves}/`))
      j.find(
        'prefix-wrong',
        `the job ${job} scrapes ${path} of ${asked.name}, which answers at ${serves}: metrics_path is ${serves}/metrics`,
        { subject: job, where: { file, line } },
      );
    const modules = around.modules[exporter?.name ?? ''];
    if (module !== undefined && exporter && modules && !modules.includes(module))
      j.find(
        'probe-module',
        `the job ${job} asks ${exporter.name} for the module ${module}; it has ${modules.join(', ')}`,
        { subject: job, where: { file, line } },
      );
  }
}

function judgeAlertmanagers(
  j: StackJudge,
  seen: SeenPrometheus,
  own: ComposeService,
  around: Around,
  file: string,
): void {
  for (const { address: text, line, prefix, scheme, v1 } of seen.alertmanagers) {
    const address = addressOf(text);
    const manager = around.services.find((one) => one.aliases.includes(address?.host ?? ''));
    const about = { subject: text, where: { file, line } };
    if (manager && imageName(manager.image) === 'alertmanager' && !manager.built && !manager.scripted) {
      const serves = routePrefix(manager.command);
      const asked = asPrefix(prefix ?? '');
      if (asked !== serves && !manager.command.join(' ').includes('$'))
        j.find(
          'prefix-wrong',
          `alerts go to ${asked || '/'} of ${manager.name}, which answers at ${serves || '/'}`,
          about,
        );
      // Source: Alertmanager's CHANGELOG, 0.27.0.
      const [, minor] = /:v?0\.(\d+)/.exec(manager.image) ?? [];
      if (v1 === true && Number(minor) >= 27)
        j.find('prefix-wrong', `alerts go to /api/v1, which ${manager.image} no longer has`, {
          ...about,
          hint: 'write api_version: v2, or leave it out',
        });
    }
    if (address && !(seen.filled && isPlaceholder(text)))
      judgeHost(
        j,
        { own, ownPort: seen.ownPort, around },
        {
          ...address,
          ...(scheme !== undefined && { scheme }),
          what: `alerts go to ${text}`,
          codes: { host: 'alertmanager-host', port: 'scrape-port' },
          about: { subject: text, where: { file, line }, ...(isForAPerson(text) && { level: 'note' as const }) },
          vital: true,
        },
      );
  }
}

export function addressOf(text: string): { host: string; port: number } | undefined {
  const match = /^(?:https?:\/\/)?([^:/]+)(?::(\d+))?(?:\/.*)?$/.exec(text);
  return match?.[1] === undefined ? undefined : { host: match[1], port: Number(match[2] ?? 80) };
}
