import { isLfsPointer } from '../formats/data/lfs-pointer.ts';
import type { FileStamp, Files } from '../core/step.ts';

/** A product before and after the command that is to write it. */
export interface Product {
  path: string;
  /** What is wrong with it, in words; none where it is as promised. */
  wrong?: { code: 'not-produced' | 'stale-product' | 'outside' | 'lfs-pointer'; text: string };
  bytes: number;
  /** It is the same file as before with the same content, and a new time. */
  same?: true;
  /** Of a folder: how many files in it were written. */
  files?: number;
}

/** At most so many files of a folder are looked at. */
const most = 5000;

interface Before {
  stamp: FileStamp;
  sha256: string | undefined;
}

/** What is there before: read now, since reading sets the time of the last access. */
export async function beforeProduct(path: string, files: Files): Promise<Before> {
  const stamp = await files.stamp(path);
  return { stamp, sha256: stamp.kind === 'file' ? await files.sha256(path) : undefined };
}

/** What the command made of it. */
export async function afterProduct(path: string, before: Before, began: number, files: Files): Promise<Product> {
  const stamp = await files.stamp(path);
  const product: Product = { path, bytes: stamp.bytes };
  const wrong = (code: NonNullable<Product['wrong']>['code'], text: string): Product => ({
    ...product,
    wrong: { code, text },
  });
  if (stamp.kind === 'missing') return wrong('not-produced', `${path} is not there`);
  if (stamp.kind === 'symlink')
    return wrong(
      'not-produced',
      `${path} is a symbolic link to ${stamp.linkTo ?? 'something else'}, no file that the command wrote`,
    );
  if (stamp.outside) return wrong('outside', `${path} lies outside of the target: ${stamp.real}`);
  if (stamp.kind === 'directory') return folder(product, began, files);
  if (stamp.kind !== 'file') return wrong('not-produced', `${path}: expected a file, found a ${stamp.kind}`);
  if (stamp.bytes === 0) return wrong('not-produced', `${path} is empty`);
  const why = await staleness(path, before, stamp, began, files);
  if (why !== undefined) return wrong('stale-product', `${path} was not written by this run: ${why}`);
  if (stamp.bytes <= 1024 && isLfsPointer(await files.readRaw(path)))
    return wrong('lfs-pointer', `${path} is a pointer of git-lfs or git-annex, not the file itself`);
  const { inode, kind } = before.stamp;
  const same = kind === 'file' && inode === stamp.inode && before.sha256 === (await files.sha256(path));
  return same ? { ...product, same } : product;
}

async function staleness(
  path: string,
  before: Before,
  now: FileStamp,
  began: number,
  files: Files,
): Promise<string | undefined> {
  const was = before.stamp;
  if (
    was.kind === 'file' &&
    was.inode === now.inode &&
    was.modifiedMs === now.modifiedMs &&
    was.changedMs === now.changedMs
  )
    return 'it is as it was before';
  // A hard link to a file that was there before: its own times stay.
  if (was.inode !== now.inode && now.links > 1 && now.modifiedMs < began) return 'it is a hard link to an older file';
  if (was.kind !== 'file' || was.inode !== now.inode || before.sha256 !== (await files.sha256(path))) return undefined;
  // `touch` sets both times to the same moment; whoever writes sets that of the change alone.
  if (now.accessedMs === now.modifiedMs) return 'its time was set, and its content is the old one';
  return now.modifiedMs === was.modifiedMs || now.modifiedMs < began ? 'its content is the old one' : undefined;
}

/** A folder is a product where a file in it was written. */
async function folder(product: Product, began: number, files: Files): Promise<Product> {
  const { path } = product;
  let [written, looked, bytes] = [0, 0, 0];
  const walk = async (folder: string): Promise<void> => {
    for (const name of await files.list(folder)) {
      if (looked++ > most) return;
      const inner = `${folder}/${name}`;
      const stamp = await files.stamp(inner);
      if (stamp.kind === 'directory' && !stamp.outside) await walk(inner);
      else if (stamp.kind === 'file' && stamp.bytes > 0 && Math.max(stamp.modifiedMs, stamp.changedMs) >= began) {
        written++;
        bytes += stamp.bytes;
      }
    }
  };
  await walk(path.replace(/\/$/, ''));
  const wrong =
    looked === 0
      ? ({ code: 'not-produced', text: `${path} is an empty folder` } as const)
      : written === 0
        ? ({ code: 'stale-product', text: `${path} is a folder, and no file in it was written by this run` } as const)
        : undefined;
  return { ...product, bytes, files: written, ...(wrong && { wrong }) };
}
