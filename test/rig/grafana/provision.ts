/** What file provisioning makes of dashboard files. Met in Grafana 9.3.2: of one uid, or of one title in a folder, one is kept. */
import { dirname } from 'node:path';
import type { DoubleBoard } from './options.ts';

export function provisioned(files: Readonly<Record<string, string>>): DoubleBoard[] {
  const byUid = new Map<string, DoubleBoard>();
  const titles = new Set<string>();
  for (const [path, text] of Object.entries(files)) {
    let board: DoubleBoard;
    try {
      board = JSON.parse(text) as DoubleBoard;
    } catch {
      continue;
    }
    const { uid = '', title = '' } = board as Partial<DoubleBoard>;
    if (title === '' || uid.length > 40 || !/^[\w-]*$/.test(uid)) continue;
    const place = `${dirname(path)}/${title}`;
    if (titles.has(place)) continue;
    titles.add(place);
    const own = uid === '' ? title.toLowerCase().replace(/\W+/g, '-') : uid;
    byUid.set(own, { ...board, uid: own });
  }
  return [...byUid.values()];
}
