const lfs =
  /^version https:\/\/(?:git-lfs|hawser)\.github\.com\/spec\/v1\r?\n(?:[a-z0-9.-]+ .*\r?\n)*?oid sha256:[0-9a-f]{64}\r?\n/;
const annex = /^\/annex\/objects\/[\w-]+--\S+\s*$/;

/**
 * Is a text the pointer of git-lfs, or of git-annex, that stands for a file which was not fetched?
 * Source: the pointer file of the git-lfs specification, which is at most 1,024 bytes long; git-annex, internals/pointer_file.
 */
export const isLfsPointer = (text: string): boolean => text.length <= 1024 && (lfs.test(text) || annex.test(text));
