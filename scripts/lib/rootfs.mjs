/** An image without a builder and without a registry: files gathered from this machine, `docker import`ed. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './sh.mjs';

export const localLabel = 'org.verify.local-build';
export const inputsLabel = 'org.verify.inputs';

/** What goes into an image: files by their path in it, folders with an owner, and the image's settings. */
export class Rootfs {
  files = new Map(); // path → {from} | {text} | {link}
  folders = new Map(); // path → {uid, mode}
  changes = []; // lines as in a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER, VOLUME, WORKDIR

  /** A program of this machine with the shared libraries that it needs. */
  async program(file, ...paths) {
    const [first, ...others] = paths;
    this.files.set(first, { from: realpathSync(file) });
    for (const path of others) this.files.set(path, { link: first });
    const { stdout } = await run('ldd', [file], { env: { LC_ALL: 'C' } }); // says "not a dynamic executable" of a static one
    for (const line of stdout.split('\n')) {
      const library = /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1];
      if (library !== undefined) this.files.set(library, { from: realpathSync(library) });
    }
    return this;
  }

  /** busybox with all its applets, as the official images have them: what a healthcheck calls is there. */
  async busybox(file) {
    await this.program(file, '/bin/busybox');
    const { stdout } = await run(file, ['--list']);
    for (const applet of stdout.split('\n').filter((a) => a !== '' && a !== 'busybox')) {
      if (!this.files.has(`/bin/${applet}`)) this.files.set(`/bin/${applet}`, { link: '/bin/busybox' });
    }
    return this;
  }

  text(path, text) {
    this.files.set(path, { text });
    return this;
  }

  tree(from, to) {
    for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath ?? entry.path, entry.name);
      this.files.set(join(to, file.slice(from.length)), { from: file });
    }
    return this;
  }

  folder(path, { uid = 0, mode = 0o755 } = {}) {
    this.folders.set(path, { uid, mode });
    return this;
  }

  change(...lines) {
    this.changes.push(...lines);
    return this;
  }

  /** One digest over everything that the image is made of. */
  digest() {
    const hash = createHash('sha256');
    for (const [path, file] of [...this.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const what = file.from === undefined ? JSON.stringify(file) : contentDigest(file.from);
      hash.update(`${path}\0${what}\n`);
    }
    hash.update(JSON.stringify([[...this.folders].sort(), this.changes]));
    return hash.digest('hex');
  }

  /** Makes the image with that name. Answers as `run` does. */
  async importAs(name, digest) {
    const dir = mkdtempSync(join(tmpdir(), 'verify-image-'));
    try {
      const rootDir = join(dir, 'root');
      this.#write(rootDir);
      const tar = join(dir, 'root.tar');
      // One entry a path (the engine refuses two), in groups by owner.
      const owners = new Map([['.', 0]]);
      for (const entry of readdirSync(rootDir, { recursive: true, encoding: 'utf8' }))
        owners.set(`./${entry}`, this.folders.get(`/${entry}`)?.uid ?? 0);
      for (const uid of new Set(owners.values())) {
        const paths = [...owners].filter(([, owner]) => owner === uid).map(([path]) => path);
        const args = [
          '-rf',
          tar,
          '-C',
          rootDir,
          '--no-recursion',
          `--owner=${uid}`,
          `--group=${uid}`,
          '--numeric-owner',
          '--null',
          '-T',
          '-',
        ];
        const made = await run('tar', args, { input: paths.join('\0') });
        if (made.code !== 0) return made;
      }
      const labels = [`LABEL ${localLabel}=true`, `LABEL ${inputsLabel}=${digest}`];
      const changes = [...this.changes, ...labels].flatMap((line) => ['--change', line]);
      return await run('docker', ['import', ...changes, tar, name]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  #write(rootDir) {
    for (const [path, { mode }] of [['/', { mode: 0o755 }], ['/tmp', { mode: 0o1777 }], ...this.folders]) {
      mkdirSync(join(rootDir, path), { recursive: true });
      chmodSync(join(rootDir, path), mode);
    }
    for (const [path, file] of this.files) {
      const to = join(rootDir, path);
      mkdirSync(dirname(to), { recursive: true });
      if (file.link !== undefined) symlinkSync(file.link, to);
      else if (file.text !== undefined) writeFileSync(to, file.text);
      else {
        copyFileSync(file.from, to, constants.COPYFILE_FICLONE);
        chmodSync(to, statSync(file.from).mode & 0o755);
      }
    }
  }
}

const digests = new Map();
function contentDigest(file) {
  if (!digests.has(file)) digests.set(file, createHash('sha256').update(readFileSync(file)).digest('hex'));
  return digests.get(file);
}
