import type { Judge } from '../../../core/judgement.ts';
import { metricReadProblems } from '../../prometheus/metric-reads.ts';
import { metricSourceProblems } from '../../prometheus/metric-sources.ts';
import { expressionLintProblems } from '../../prometheus/rule-lints/problems.ts';
import { referenceProblems } from '../source-references.ts';

export const boardProblems = {
  ...metricSourceProblems,
  ...metricReadProblems,
  ...expressionLintProblems,
  'dashboards-unmatched': { level: 'error', title: 'No dashboard matches', hint: 'correct the path' },
  'provisioning-unmatched': {
    level: 'error',
    title: 'No data source is provisioned where it should be',
    hint: 'correct the path, or the content of the file',
  },
  'not-importable': {
    level: 'error',
    title: 'Grafana refuses a dashboard file',
    hint: 'correct the file: Grafana logs the refusal and shows no dashboard',
  },
  'not-a-dashboard': {
    level: 'warning',
    title: 'A JSON file is not a dashboard',
    hint: 'move it elsewhere: Grafana reads every .json below the provider’s path',
  },
  'uid-missing': {
    level: 'note',
    title: 'A dashboard has no uid',
    hint: 'give it one: Grafana makes up another on every new installation, and links break',
  },
  'uid-bad': {
    level: 'error',
    title: 'Grafana refuses a dashboard’s uid',
    hint: 'at most 40 letters, digits, dashes and underscores',
  },
  'uid-duplicate': {
    level: 'error',
    title: 'Two dashboards have the same uid',
    hint: 'Grafana then refuses to update either: give each its own',
  },
  'title-duplicate': {
    level: 'error',
    title: 'Two dashboards of one folder have the same title',
    hint: 'Grafana then refuses to update either: give each its own',
  },
  'datasource-unresolved': {
    level: 'error',
    title: 'A reference leads to no data source',
    hint: 'use the uid or name of a provisioned data source; one without uid gets P and a hash of its name',
  },
  ...referenceProblems,
  'datasource-default': {
    level: 'warning',
    title: 'The default data source is meant, and none is the default',
    hint: 'mark one isDefault, or name it in the panel',
  },
  'inputs-unfilled': {
    level: 'error',
    title: 'A dashboard waits for the import dialogue',
    hint: 'provisioning leaves ${DS_…} as it is: put the data source’s uid there, or a variable of the type datasource',
  },
  'variable-undeclared': {
    level: 'error',
    title: 'A variable is used that is not declared',
    hint: 'declare it under templating, or correct the name',
  },
  'variable-unused': {
    level: 'warning',
    title: 'A variable is declared that nothing uses',
    hint: 'use it, or take it away',
  },
  'bad-expression': {
    level: 'error',
    title: 'A query does not parse',
    hint: 'correct the PromQL: the panel shows an error',
  },
  'query-undecided': {
    level: 'note',
    title: 'Queries that could not be judged',
    hint: 'a variable decides whether they parse, and its values are known to Grafana alone; or they are written in MetricsQL',
  },
  'legend-label': {
    level: 'warning',
    title: 'A legend shows a label that the query does not keep',
    hint: 'keep the label in by (…), or take it out of the legend: it is empty',
  },
  'panel-plugin-missing': {
    level: 'error',
    title: 'A panel needs a plugin that nothing installs',
    hint: 'install it (GF_INSTALL_PLUGINS, GF_PLUGINS_PREINSTALL, a Dockerfile), or choose a type that Grafana brings',
  },
  'panel-unit': {
    level: 'warning',
    title: 'A panel shows its values in another unit',
    hint: 'percentunit is for fractions, percent for 0 to 100; s is for seconds, ms for milliseconds',
  },
  'panel-empty': {
    level: 'error',
    title: 'A panel asks for nothing',
    hint: 'give it a query, or take it away',
  },
  'panel-hidden': {
    level: 'warning',
    title: 'Every query of a panel is hidden',
    hint: 'show one of them, or take the panel away',
  },
  'panel-id': {
    level: 'warning',
    title: 'Two panels have the same id',
    hint: 'give each its own: links and screenshots of a panel go by its id',
  },
} as const;
export type BoardJudge = Judge<typeof boardProblems>;
