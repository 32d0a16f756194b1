import { imageName, type ComposeService } from '../formats/compose/model.ts';

// Sources: the images' documentation and their VOLUME. From postgres 18 on it is the folder above.
const dataFolders: readonly [image: RegExp, folder: string, moved?: RegExp][] = [
  [/^(?:postgres|postgis)$/, '/var/lib/postgresql'],
  [/^(?:mysql|mariadb)$/, '/var/lib/mysql', /--datadir/],
  [/^mongo$/, '/data/db', /--dbpath/],
  [/^prometheus$/, '/prometheus', /--storage\.tsdb\.path/],
  [/^grafana(?:-oss|-enterprise)?$/, '/var/lib/grafana'],
  [/^rabbitmq$/, '/var/lib/rabbitmq'],
];

/** A volume at which the program keeps nothing, or cannot. */
export function dataFault({
  image,
  built,
  scripted,
  mounts,
  command,
  portEnv,
}: ComposeService): { code: 'data-unkept' | 'start-refused'; text: string } | undefined {
  const [, folder, moved] = (!built && !scripted && dataFolders.find(([test]) => test.test(imageName(image)))) || [];
  if (folder === undefined || moved?.test(command.join(' ')) === true || 'PGDATA' in portEnv) return undefined;
  const locked = mounts.find(({ target, readOnly }) => readOnly === true && target === folder);
  if (locked)
    return {
      code: 'start-refused',
      text: `${folder} is mounted read-only, and ${imageName(image)} writes its data there`,
    };
  // Source: docker-entrypoint.sh of postgres 18, which looks for a mount at the folder of earlier releases.
  const old = `${folder}/data`;
  if (/(?:^|\/)postgres:(?:1[89]|[2-9]\d)(?:[.-]|$)/.test(image) && mounts.some(({ target }) => target === old))
    return {
      code: 'start-refused',
      text: `a volume is mounted at ${old}, and from 18 on the image refuses to start with one there: mount it at ${folder}`,
    };
  const volumes = mounts.filter(({ type, source }) => type === 'volume' && source !== '');
  const [only] = volumes;
  if (only === undefined) return undefined;
  const covers = mounts.some(
    ({ target }) => `${folder}/`.startsWith(`${target}/`) || `${target}/`.startsWith(`${folder}/`),
  );
  // What speaks of data or bears the program's name was meant for them.
  const meant = /data|db$|prom|grafana|postgres|mysql|mongo|rabbit/i.test(only.target);
  return !covers && volumes.length === 1 && meant
    ? {
        code: 'data-unkept',
        text: `the volume ${only.source} is mounted at ${only.target}, and ${imageName(image)} keeps its data below ${folder}`,
      }
    : undefined;
}
