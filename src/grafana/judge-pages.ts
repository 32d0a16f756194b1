import type { Judge, Problems } from '../core/judgement.ts';
import type { Comparison } from './baseline.ts';
import type { BoardRun } from './judge-panels.ts';
import type { PageSeen, ShownPanel } from './open-page.ts';
import type { Picture } from './pictures.ts';

/** A page that was opened, and its picture where one could be taken. */
export interface Shot extends PageSeen {
  uid: string;
  title: string;
  theme: string;
  /** The panel that it shows alone. */
  panel?: number;
  picture?: Picture;
}

export const pageProblems = {
  'login-page': {
    level: 'error',
    title: 'The page is a login form, not the dashboard',
    hint: 'give `token`, or `user` and `password`, of an account that may see the dashboard',
  },
  'wrong-page': {
    level: 'error',
    title: 'The browser ended on another page',
    hint: 'is the uid right, and may the account see it?',
  },
  'page-error': { level: 'error', title: 'The dashboard’s page does not load', hint: 'see the log of Grafana' },
  'not-ready': {
    level: 'error',
    title: 'A dashboard is not ready in time',
    hint: 'see the picture: which panel still loads? Raise `within` where it is only slow',
  },
  'page-hung': {
    level: 'inconclusive',
    title: 'The page hangs',
    hint: 'a script of the page does not end: open it by hand, and see the plugins and text panels of the dashboard',
  },
  'page-dialog': {
    level: 'inconclusive',
    title: 'The page opens a dialog',
    hint: 'a dashboard does not do that by itself: see its text panels and plugins',
  },
  'panel-disagrees': {
    level: 'error',
    title: 'The page shows a panel otherwise than the API answers',
    hint: 'see the picture: a transformation, field override or the panel’s own range may take the data away',
  },
  'layout-changed': {
    level: 'error',
    title: 'Panels differ from the baseline',
    hint: 'look at both pictures; where the change is meant, take this run as the new baseline',
  },
  'pixels-changed': {
    level: 'error',
    title: 'More pixels differ from the baseline than the budget allows',
    hint: 'look at the side-by-side picture; a live dashboard differs with its data: give a frozen range, or a larger budget',
  },
  'baseline-new': {
    level: 'note',
    title: 'The baseline has no such picture',
    hint: 'it is compared from the next run on',
  },
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

export function judgeShots(
  j: Judge<typeof pageProblems & Problems>,
  shots: readonly Shot[],
  boards: readonly BoardRun[],
): void {
  for (const shot of shots) {
    const subject = nameOf(shot);
    for (const dialog of shot.dialogs) j.find('page-dialog', `${subject}: ${dialog}`, { subject });
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
    const wrong = disagreements(shot.panels, board, shot.panel);
    for (const text of wrong) j.find('panel-disagrees', `${subject}: ${text}`, { subject });
    if (wrong.length === 0)
      j.prove(
        `${subject}: ${shot.panels.length} panels show what the API answers; picture ${shot.picture.file}, sha256 ${shot.picture.sha256}`,
      );
  }
}

/** Panels that the API fills and the page does not. */
function disagreements(shown: readonly ShownPanel[], board: BoardRun | undefined, only: number | undefined): string[] {
  return (board?.panels ?? [])
    .filter((panel) => panel.state === 'data' && (only === undefined || panel.id === only))
    .flatMap((panel) => {
      const bad = shown.find((one) => one.id === panel.id && one.state !== 'data');
      if (!bad)
        return shown.some((one) => one.id === panel.id) ? [] : [`${panel.title} (${panel.id}) is not on the page`];
      return [
        `${panel.title} (${panel.id}) has data, but the page shows ${bad.state}${bad.message === '' ? '' : `: ${bad.message.slice(0, 200)}`}`,
      ];
    });
}

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
