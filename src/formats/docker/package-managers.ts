import { instructionsOf } from './dockerfile.ts';

type Family = 'Alpine' | 'Debian';
const managers: Record<string, Family> = { apk: 'Alpine', apt: 'Debian', 'apt-get': 'Debian' };

/** Of Docker's Official Images alone: their tags say what they are built upon. */
export function familyOf(image: string): Family | undefined {
  const [, repository = '', tag = ''] =
    /^(?:docker\.io\/)?(?:library\/)?([a-z]+)(?::([^@]+))?(?:@.*)?$/.exec(image) ?? [];
  if (tag.includes('$')) return undefined;
  if (repository === 'alpine') return 'Alpine';
  if (repository === 'debian' || repository === 'ubuntu') return 'Debian';
  if (!/^(?:python|node|ruby|golang|rust)$/.test(repository) || /windows|nanoserver/.test(tag)) return undefined;
  return /alpine/.test(tag) ? 'Alpine' : 'Debian';
}

/** Package managers that a stage calls, and that its base image does not have. */
export function foreignManagers(dockerfile: string): { manager: string; base: string; stage: number; line: number }[] {
  const found: ReturnType<typeof foreignManagers> = [];
  const stages = new Map<string, string>();
  let base = '';
  let stage = -1;
  for (const { keyword, text, line } of instructionsOf(dockerfile)) {
    if (keyword === 'FROM') {
      const [, image = '', name = ''] = /^(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(text) ?? [];
      base = stages.get(image.toLowerCase()) ?? image;
      stages.set(name.toLowerCase(), base);
      stage++;
    }
    const family = keyword === 'RUN' ? familyOf(base) : undefined;
    // What asks first whether it is there may call any.
    if (family === undefined || /\bif\b|\|\||\bcommand -v\b|\bwhich\b|<</.test(text)) continue;
    const called = text
      .replace(/^(?:--\S+\s+)+/, '')
      .split(/&&|;|\|/)
      .map((part) => /^\s*(?:[A-Z_]+=\S+\s+)*(?:sudo\s+)?([a-z-]+)\s/.exec(part)?.[1] ?? '');
    const manager = called.find((one) => (managers[one] ?? family) !== family);
    if (manager !== undefined) found.push({ manager, base, stage, line });
  }
  return found;
}
