import { error, inconclusive, note, type Judge, type Problems } from '../core/step.ts';
import type { Comparison } from './baseline.ts';
import type { BoardRun, panelProblems } from './judge-panels.ts';
import type { PageSeen } from './ready.ts';
import type { PanelRun } from './panel-run.ts';
import type { Picture } from './pictures.ts';
import type { ShownPanel } from './shown-panel.ts';

/** A page that was opened, and its picture where one could be taken. */
export interface Shot extends PageSeen {
  uid: string;
  title: string;
  theme: string;
  /** From the page's opening to its last picture, in milliseconds. */
  took: number;
  /** The panel that it shows alone. */
  panel?: number;
  picture?: Picture;
  /** The rest of a dashboard that is too tall for one picture, from above. */
  more?: Picture[];
  /** Where the last picture ends and the dashboard does not. CSS pixels. */
  cutAt?: number;
}

export const pageProblems = {
  'login-page': error(
    'The page is a login form, not the dashboard',
    'give `token`, or `user` and `password`, of an account that may see the dashboard',
  ),
  'wrong-page': error('The browser ended on another page', 'is the uid right, and may the account see it?'),
  'page-error': error('The dashboard’s page does not load', 'see the log of Grafana'),
  'not-ready': error(
    'A dashboard is not ready in time',
    'see the picture: which panel still loads? Raise `within` where it is only slow',
  ),
  'page-hung': inconclusive(
    'The page hangs',
    'a script of the page does not end: open it by hand, and see the plugins and text panels of the dashboard',
  ),
  'page-dialog': inconclusive(
    'The page opens a dialog',
    'a dashboard does not do that by itself: see its text panels and plugins',
  ),
  'panel-disagrees': error(
    'The page shows a panel differently from what the API answers',
    'see the picture: a transformation, field override or the panel’s own range may take the data away',
  ),
  'panel-blank': error(
    'The page shows nothing in a panel’s place',
    'see the picture: its data source may not be there, its series may be hidden, or its options be of an unknown kind',
  ),
  'page-reloaded': note(
    'The page stayed empty, and was loaded once more',
    'Grafana does that now and then; where it is often, see its log',
  ),
  'picture-cut': inconclusive(
    'The dashboard is taller than its pictures, and what is below was not looked at',
    'split the dashboard, or take its panels one by one (`panels`)',
  ),
  'layout-changed': error(
    'Panels differ from the baseline',
    'look at both pictures; where the change is meant, take this run as the new baseline',
  ),
  'pixels-changed': error(
    'More pixels differ from the baseline than the budget allows',
    'look at the side-by-side picture; a live dashboard differs with its data: give a frozen range, or a larger budget',
  ),
  'baseline-new': note('The baseline has no such picture', 'it is compared from the next run on'),
} as const satisfies Problems;

const statusCodes = {
  login: 'login-page',
  'change-password': 'login-page',
  elsewhere: 'wrong-page',
  'http-error': 'page-error',
  'not-ready': 'not-ready',
  hung: 'page-hung',
} as const satisfies Record<Exclude<PageSeen['status'], 'ready'>, keyof typeof pageProblems>;

const nameOf = (shot: Shot): string =>
  `${shot.title}${shot.panel === undefined ? '' : `, panel ${shot.panel}`} (${shot.theme})`;

/**
 * Holds what the pages show against what the API answers, which is the authority; where the API cannot know, the page decides.
 * @returns which panels need no finding of the API's own any more
 */
export function judgeShots(
  j: Judge<typeof pageProblems & typeof panelProblems & Problems>,
  shots: readonly Shot[],
  boards: readonly BoardRun[],
): (board: BoardRun, panel: PanelRun) => boolean {
  const settled = new Set<PanelRun>();
  // One cause is one finding, however many themes and pictures show it.
  const found = new Map<string, { code: Code; text: string; subjects: string[] }>();
  for (const shot of shots) {
    const subject = nameOf(shot);
    for (const dialog of shot.dialogs) j.find('page-dialog', `${subject}: ${dialog}`, { subject });
    if (shot.reloaded) j.find('page-reloaded', `${subject} showed nothing at first`, { subject });
    if (shot.cutAt !== undefined) j.find('picture-cut', `${subject} continues below ${shot.cutAt} px`, { subject });
    const board = boards.find((one) => one.uid === shot.uid);
    if (shot.status !== 'ready' || !shot.picture) {
      const waiting = shot.waiting.map(
        (id) => `${board?.panels.find((one) => one.id === id)?.title ?? 'panel'} (${id})`,
      );
      const late = shot.status === 'not-ready' && waiting.length > 0 ? `; not ready: ${waiting.join(', ')}` : '';
      j.find(shot.status === 'ready' ? 'page-hung' : statusCodes[shot.status], `${subject}: ${shot.why}${late}`, {
        subject,
      });
      continue;
    }
    const wrong = disagreements(shot, board, settled);
    for (const { code, text } of wrong) {
      const known = found.get(`${code} ${shot.uid} ${text}`);
      if (known) known.subjects.push(subject);
      else found.set(`${code} ${shot.uid} ${text}`, { code, text, subjects: [subject] });
    }
    if (wrong.length === 0)
      j.prove(
        `${subject}: ${shot.panels.length} panels show what the API answers; picture ${shot.picture.file}, sha256 ${shot.picture.sha256}`,
      );
  }
  for (const { code, text, subjects } of found.values())
    j.find(code, `${subjects[0] ?? ''}: ${text}`, {
      subject: subjects[0],
      ...(subjects.length > 1 && { detail: `also: ${subjects.slice(1).join(', ')}` }),
    });
  return (_, panel) => settled.has(panel);
}

type Code = keyof typeof pageProblems | 'panel-empty' | 'panel-plugin-missing';
interface Disagreement {
  code: Code;
  text: string;
}

/** Where the page and the API are not of one mind. */
function disagreements(shot: Shot, board: BoardRun | undefined, settled: Set<PanelRun>): Disagreement[] {
  const out: Disagreement[] = [];
  const seen = new Set<PanelRun>();
  for (const [n, shown] of shot.panels.entries()) {
    const panel = board?.panels.find((one) => one.index === shot.shows[n]);
    if (panel) seen.add(panel);
    const wrong = against(shown, panel, shot.shows[n] !== undefined);
    if (panel && (wrong === 'settled' || (typeof wrong === 'object' && panel.state !== 'data'))) settled.add(panel);
    if (typeof wrong === 'object') out.push(wrong);
  }
  for (const panel of board?.panels ?? [])
    if (
      panel.state === 'data' &&
      !seen.has(panel) &&
      (shot.panel === undefined ? panel.tab === undefined : panel.id === shot.panel)
    )
      out.push({ code: 'panel-disagrees', text: `${panel.title} (${panel.id}) is not on the page` });
  return out;
}

/** One place of the page against the panel that it shows; `settled`: the page has shown what the API could not. */
function against(
  shown: ShownPanel,
  panel: PanelRun | undefined,
  expected: boolean,
): Disagreement | 'settled' | undefined {
  const { state } = shown;
  const name = `${panel?.title ?? shown.title} (${panel?.id ?? shown.id})`;
  const said = shown.message === '' ? '' : `: ${shown.message.slice(0, 200)}`;
  // Below the last picture, which is said: nobody has looked at it.
  if (state === 'loading') return undefined;
  if (state === 'plugin-missing')
    return panel?.state === 'plugin-missing' || panel?.state === 'library-missing'
      ? undefined
      : { code: 'panel-plugin-missing', text: `${name}${said}` };
  if (!panel) {
    if (state === 'data' || (expected && state !== 'blank')) return undefined;
    return { code: state === 'blank' ? 'panel-blank' : 'panel-disagrees', text: `${name} shows ${state}${said}` };
  }
  switch (panel.state) {
    case 'data':
      if (state === 'data') return undefined;
      return state === 'blank'
        ? { code: 'panel-blank', text: `${name} has data, but on the page ${shown.message}` }
        : { code: 'panel-disagrees', text: `${name} has data, but the page shows ${state}${said}` };
    case 'browser':
    case 'not-asked':
      return state === 'data' ? 'settled' : { code: 'panel-empty', text: `${name} shows ${state} on the page${said}` };
    case 'empty':
    case 'variable-empty':
      if (state === 'error')
        return { code: 'panel-disagrees', text: `${name} has no data, but the page shows an error${said}` };
      // What stands there in place of nothing is not data.
      if (state !== 'data' || panel.noValue !== undefined || panel.ownWords === true) return undefined;
      return {
        code: 'panel-disagrees',
        text: `the API has no data for ${name} (${panel.queries[0]?.expr ?? ''}), but the page shows something`,
      };
    default:
      return undefined;
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** How long each page took until its picture was there. */
export const timeTable = (j: Judge<Problems>, shots: readonly Shot[], all: string, took: number): unknown =>
  shots.length === 0
    ? undefined
    : j.table(
        'Time of the pages',
        ['page', 'time'],
        [...shots.map((shot) => [nameOf(shot), seconds(shot.took)]), [all, seconds(took)]],
      );

export function judgeComparisons(
  j: Judge<typeof pageProblems & Problems>,
  comparisons: readonly Comparison[],
  budget: number | undefined,
): void {
  for (const one of comparisons) {
    const subject = one.file;
    if (!one.known) {
      j.find('baseline-new', `${one.file} is not in the baseline`, { subject });
      continue;
    }
    if (one.layout.length > 0)
      j.find('layout-changed', `${one.file}: ${one.layout.slice(0, 5).join('; ')}`, {
        subject,
        detail: one.layout.join('\n'),
      });
    else j.prove(`${one.file}: the panels are those of the baseline, in their places and states`);
    if (one.differing === undefined || one.total === undefined) continue;
    const share = one.differing / one.total;
    const text = `${one.differing} of ${one.total} pixels differ (${(share * 100).toFixed(2)}%)`;
    if (budget !== undefined)
      j.check(
        share <= budget,
        `${one.file}: ${text}, at most ${budget * 100}%`,
        'pixels-changed',
        `${one.file}: ${text}, at most ${budget * 100}% allowed`,
        {
          subject,
          detail: [one.diff, one.sideBySide].filter((file) => file !== undefined).join('\n'),
        },
      );
  }
  if (comparisons.length > 0)
    j.table(
      'Pictures against the baseline',
      ['picture', 'panels', 'pixels that differ', 'side by side'],
      comparisons.map((one) => [
        one.file,
        !one.known ? 'new' : one.layout.length === 0 ? 'as before' : one.layout.join('; '),
        one.differing === undefined || one.total === undefined
          ? '–'
          : `${((one.differing / one.total) * 100).toFixed(2)}%`,
        one.sideBySide ?? '–',
      ]),
    );
}
