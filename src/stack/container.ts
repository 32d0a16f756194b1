import { posix } from 'node:path';
import type { EntryKind, StepContext } from '../core/step.ts';
import { mountOf, portsOf, type ComposeConfig, type ComposeService } from '../formats/compose/model.ts';
import { dockerfilePath } from './build-context.ts';
import { isOfOthers } from './made-by-scripts.ts';
import { builtImage, type BuiltImage } from '../formats/docker/dockerfile.ts';

/** A file or folder that a container would see at a path, and where it comes from. */
export interface Seen {
  /** Absolute path on this machine; the compose file, where the content stands there. */
  host: string;
  kind: EntryKind;
  /** Content that stands in the compose file. */
  text?: string;
}

export async function dockerfileText({ build }: ComposeService, ctx: StepContext): Promise<string | undefined> {
  if (!build || /^\w+:\/\//.test(build.context)) return undefined;
  if (build.inline !== undefined) return build.inline;
  return ctx.files.readIfThere(await dockerfilePath(build, ctx));
}

/** What a service's container would find in its file system: mounts, configs, and what its Dockerfile copies. */
export class Container {
  readonly service: ComposeService;
  readonly #ctx: StepContext;
  readonly #inline: ReadonlyMap<string, Seen>;
  readonly #copies: BuiltImage['copies'];

  private constructor(
    service: ComposeService,
    ctx: StepContext,
    inline: ReadonlyMap<string, Seen>,
    copies: BuiltImage['copies'],
  ) {
    this.service = service;
    this.#ctx = ctx;
    this.#inline = inline;
    this.#copies = copies;
  }

  /** `file`: the compose file, in which contents of configs stand. */
  static async of(service: ComposeService, config: ComposeConfig, file: string, ctx: StepContext): Promise<Container> {
    const inline = new Map<string, Seen>();
    for (const { source, target } of config.services[service.name]?.configs ?? []) {
      const text = config.configs?.[source]?.content;
      if (text !== undefined)
        inline.set(target ?? `/${source}`, {
          host: ctx.files.absolute(file),
          kind: 'file',
          text: text.replaceAll('$$', '$'),
        });
    }
    const text = await dockerfileText(service, ctx);
    if (text === undefined) {
      const own = !service.built && (await isOfOthers(service.image, ctx));
      return new Container(own ? { ...service, scripted: true } : service, ctx, inline, []);
    }
    const image = builtImage(text);
    const given = config.services[service.name]?.environment ?? {};
    const provisioning = given['GF_PATHS_PROVISIONING'] ?? image.env['GF_PATHS_PROVISIONING'];
    return new Container(
      {
        ...service,
        image: image.base,
        command: service.command.length > 0 ? service.command : image.command,
        scripted:
          service.scripted || image.scripted || image.command.some((word) => /(?:^|\/)(?:ba|a)?sh$|\.sh$/.test(word)),
        portEnv: { ...portsOf(image.env), ...service.portEnv },
        listens:
          service.listens.length > 0 && !image.exposes.some(Number.isNaN) ? [...service.listens, ...image.exposes] : [],
        ...(provisioning != null && { provisioningPath: provisioning }),
      },
      ctx,
      inline,
      image.copies,
    );
  }

  /** undefined: nothing of the repository is there, whatever the image or a volume may hold. */
  async find(path: string): Promise<Seen | undefined> {
    const mount = mountOf(this.service, path);
    const inline = this.#inline.get(path);
    if (inline) return inline;
    if (mount?.type === 'bind' || (mount?.type === 'config' && mount.source !== '')) {
      const host = join(mount.source, path.slice(mount.target.length));
      return { host, kind: await this.#ctx.files.kind(host) };
    }
    let last: Seen | undefined;
    for (const { source, target, into } of this.#copies.toReversed()) {
      const from = join(this.service.build?.context ?? '', source);
      const folder = (await this.#ctx.files.kind(from)) === 'directory';
      const base = into && !folder ? join(target, posix.basename(source)) : target;
      if (source === '' || (path !== base && !path.startsWith(`${base}/`))) continue;
      const host = join(from, path.slice(base.length));
      const seen = { host, kind: await this.#ctx.files.kind(host) };
      if (seen.kind !== 'missing') return seen;
      last ??= seen;
    }
    return last;
  }

  /** Might something be there that cannot be seen from here: written by a script, a volume, an unread part of the image? */
  mayHold(path: string): boolean {
    const mount = mountOf(this.service, path);
    if (mount?.type === 'bind' || mount?.type === 'config') return false;
    return (
      this.service.scripted ||
      this.#copies.some(({ source, target }) => /^$|[$*?[]/.test(source) && `${path}/`.startsWith(`${target}/`)) ||
      (mount?.type === 'volume' && path === mount.target)
    );
  }

  /** Paths of the files that lie in a folder of the container: of its mount, and mounted there one by one. */
  async list(folder: string): Promise<{ name: string; path: string }[]> {
    const names = new Set<string>();
    const seen = await this.find(folder);
    if (seen?.kind === 'directory') for (const name of await this.#ctx.files.list(seen.host)) names.add(name);
    for (const target of [
      ...this.service.mounts.filter((one) => one.type !== 'volume').map((one) => one.target),
      ...this.#copies.flatMap((one) => (one.into ? [join(one.target, posix.basename(one.source))] : [one.target])),
    ])
      if (posix.dirname(target) === folder && (await this.find(target))?.kind === 'file')
        names.add(posix.basename(target));
    return [...names].toSorted().map((name) => ({ name, path: join(folder, name) }));
  }

  async read(seen: Seen): Promise<string> {
    return seen.text ?? this.#ctx.files.read(seen.host);
  }
}

const join = (folder: string, name: string): string => {
  const rest = name.replace(/^\/+/, '');
  return rest === '' ? folder : `${folder.replace(/\/+$/, '')}/${rest}`;
};
