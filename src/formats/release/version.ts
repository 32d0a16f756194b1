import { escapeRegex } from '../../core/patterns.ts';

/** What a version looks like: three numbers (two or four in some trades), and what may follow. */
export const versionPattern = String.raw`\d+(?:\.\d+){1,3}(?:[-.+]?(?:[A-Za-z][\w]*(?:[.+-]\w+)*|\d+))?`;
const whole = new RegExp(`^${versionPattern}$`);

/** Is the text a version, without a `v` before it? */
export const isVersion = (text: string): boolean => whole.test(text);

/**
 * One spelling for the versions of npm (1.4.0-rc.1), Python (1.4.0rc1) and Maven (1.4.0-RC1), so that one release compares as one.
 * Source: semver.org 2.0.0, PEP 440 (normalisation of pre-releases).
 */
export const normal = (version: string): string =>
  version
    .trim()
    .toLowerCase()
    .replace(/^v/, '')
    .replace(/alpha/, 'a')
    .replace(/beta/, 'b')
    .replace(/preview|pre(?=\W|\d|$)/, 'rc')
    .replace(/[-._]?(a|b|rc|dev|post)[-._]?(?=\d|$)/, '$1');

export const sameVersion = (a: string, b: string): boolean => normal(a) === normal(b);

/** The pattern of a wording with `{version}` in it: its first group is the version that stands there. */
export function wordingPattern(wording: string): RegExp {
  const [before = '', ...rest] = wording.split('{version}');
  const after = rest.join('{version}');
  // A wording ends where the version does: 1.4.0 is not found in 1.4.01.
  return new RegExp(
    `${/^\w/.test(before) ? '(?<![\\w-])' : ''}${escapeRegex(before)}v?(${versionPattern})${after === '' ? '(?![\\w])' : escapeRegex(after)}`,
    'g',
  );
}
