import { exit, UserError } from './errors.ts';

/** What the system refuses at a path that the user has named: a path below a file, a folder that may not be written, a full disk. */
export function ofSystem(error: unknown): UserError | undefined {
  const { code: name, path, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (name === undefined || path === undefined) return undefined;
  const io = ['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG'].includes(name);
  if (!io && !['ENOTDIR', 'EACCES', 'EROFS', 'EPERM', 'ELOOP', 'ENAMETOOLONG'].includes(name)) return undefined;
  return new UserError(io ? exit.io : exit.cannotCreate, `${path}: ${syscall ?? 'the call'} failed (${name})`, {
    cause: error,
    hint:
      name === 'ENOTDIR'
        ? 'a part of the path is a file, and a file has nothing below it'
        : 'give a path that you may use',
  });
}
