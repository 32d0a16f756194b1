import type { resolveSelectors, versionedComponents, versionedPages } from '@grafana/e2e-selectors';

type Components = ReturnType<typeof resolveSelectors<typeof versionedComponents>>;
type Pages = ReturnType<typeof resolveSelectors<typeof versionedPages>>;

/** CSS selectors of the parts of Grafana's pages that are looked for, for one version. */
export interface Selectors {
  /** Its `data-testid` or `aria-label` begins so; the panel's title follows. */
  panelTitle: string;
  error: string;
  noData: string;
  alert: string;
  loading: string;
  user: string;
  rowToggle: string;
  tableHeader: string;
  tableBody: string;
}

/** Versions whose selectors are tried together where Grafana hides its own: each changed one of those below. */
const turns = ['8.5.0', '9.5.0', '10.2.3', '10.4.0', '12.1.0', 'latest'];

/** A selector of the package as CSS: test ids from 9 on begin with `data-testid `, older ones are labels. */
const css = (value: string, how: '' | '^' = ''): string =>
  `[data-testid${how}=${JSON.stringify(value)}],[aria-label${how}=${JSON.stringify(value)}]`;

/** Source: Grafana's own package of test ids, which has them by the version in which each began. */
export async function selectorsOf(version: string | undefined): Promise<Selectors> {
  const library = await import('@grafana/e2e-selectors');
  const known = /^\d+\.\d+\.\d+/.exec(version ?? '')?.[0];
  const versions = known === undefined ? turns : [known];
  const all = versions.map((one): [Components, Pages] => [
    library.resolveSelectors(library.versionedComponents, one),
    library.resolveSelectors(library.versionedPages, one),
  ]);
  const union = (pick: (components: Components, pages: Pages) => string | undefined, how: '' | '^' = ''): string => {
    const found = new Set(
      all.flatMap(([components, pages]) => {
        const value = pick(components, pages);
        return value === undefined || value === '' ? [] : [css(value, how)];
      }),
    );
    return found.size === 0 ? ':not(*)' : [...found].join(',');
  };
  return {
    panelTitle: union((one) => one.Panels.Panel.title(''), '^'),
    error: union(({ Panels: { Panel } }) => Panel.status('error')).concat(
      ',',
      union(({ Panels: { Panel } }) => Panel.headerCornerInfo('error')),
    ),
    noData: union((one) => one.Panels.Panel.PanelDataErrorMessage),
    alert: union((one) => one.Alert.alertV2('error')),
    loading: `${union((one) => one.Panels.Panel.loadingBar(''))},.panel-loading`,
    user: union((_, pages) => pages.Login.username),
    rowToggle: union((one) => one.DashboardRow.toggle(''), '^'),
    tableHeader: union((one) => one.Panels.Visualization.Table.header),
    tableBody: union((one) => one.Panels.Visualization.Table.body),
  };
}
