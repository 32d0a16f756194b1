import { error, note, warning, type Judge } from '../../../core/step.ts';
import { metricReadProblems } from '../../prometheus/metric-reads.ts';
import { metricSourceProblems } from '../../prometheus/metric-sources.ts';
import { expressionLintProblems } from '../../prometheus/rule-lints/problems.ts';
import { referenceProblems } from '../source-references.ts';

export const boardProblems = {
  ...metricSourceProblems,
  ...metricReadProblems,
  ...expressionLintProblems,
  'dashboards-unmatched': error('No dashboard matches', 'correct the path'),
  'provisioning-unmatched': error(
    'No data source is provisioned where it should be',
    'correct the path, or the content of the file',
  ),
  'not-importable': error(
    'Grafana refuses a dashboard file',
    'correct the file: Grafana logs the refusal and shows no dashboard',
  ),
  'not-a-dashboard': warning(
    'A JSON file is not a dashboard',
    'move it elsewhere: Grafana reads every .json below the provider’s path',
  ),
  'uid-missing': note(
    'A dashboard has no uid',
    'give it one: Grafana makes up another on every new installation, and links break',
  ),
  'uid-bad': error('Grafana refuses a dashboard’s uid', 'at most 40 letters, digits, dashes and underscores'),
  'uid-duplicate': error(
    'Two dashboards have the same uid',
    'Grafana then refuses to update either: give each its own',
  ),
  'title-duplicate': error(
    'Two dashboards of one folder have the same title',
    'Grafana then refuses to update either: give each its own',
  ),
  'datasource-unresolved': error(
    'A reference leads to no data source',
    'use the uid or name of a provisioned data source; one without uid gets P and a hash of its name',
  ),
  ...referenceProblems,
  'datasource-default': warning(
    'The default data source is meant, and none is the default',
    'mark one isDefault, or name it in the panel',
  ),
  'inputs-unfilled': error(
    'A dashboard waits for the import dialogue',
    'provisioning leaves ${DS_…} as it is: put the data source’s uid there, or a variable of the type datasource',
  ),
  'variable-undeclared': error(
    'A variable is used that is not declared',
    'declare it under templating, or correct the name',
  ),
  'variable-unused': warning('A variable is declared that nothing uses', 'use it, or take it away'),
  'bad-expression': error('A query does not parse', 'correct the PromQL: the panel shows an error'),
  'query-undecided': note(
    'Queries that could not be judged',
    'a variable decides whether they parse, and its values are known to Grafana alone; or they are written in MetricsQL',
  ),
  'legend-label': warning(
    'A legend shows a label that the query does not keep',
    'keep the label in by (…), or take it out of the legend: it is empty',
  ),
  'panel-plugin-missing': error(
    'A panel needs a plugin that nothing installs',
    'install it (GF_INSTALL_PLUGINS, GF_PLUGINS_PREINSTALL, a Dockerfile), or choose a type that Grafana brings',
  ),
  'panel-unit': warning(
    'A panel shows its values in the wrong unit',
    'percentunit is for fractions, percent for 0 to 100; s is for seconds, ms for milliseconds',
  ),
  'panel-setting': warning(
    'A setting of a panel can never act',
    'correct it: thresholds rise, min is below max, and both are in the unit of the panel',
  ),
  'field-unknown': warning(
    'A panel names a field or series that its data do not have',
    'correct the name: a query’s fields are Time, Value and its labels, or its legend',
  ),
  'query-reference': error(
    'A panel refers to a query or panel that is not there',
    'correct the letter of the query, or the number of the panel',
  ),
  'panel-format': warning(
    'A panel does not show what its query gives',
    'ask for a range and time series for lines over time, for an instant table for a table, for buckets by le for a heatmap',
  ),
  'text-contradicts': warning(
    'A title, legend or description says another thing than the query',
    'correct the text, or the percentile, range or factor of the query',
  ),
  'panel-raw-counter': warning(
    'A panel says a rate, and shows a counter as it is',
    'use rate or increase: a counter only rises until the process restarts',
  ),
  'library-missing': warning(
    'A panel’s content is a library panel that the files do not bring',
    'put the panel itself into the file: Grafana provisions no library panels from files',
  ),
  'variable-circular': error(
    'Variables need each other for their own values',
    'take one of the two out of the other’s query: neither ever gets a value',
  ),
  'variable-setting': warning(
    'A variable cannot offer what it is to offer',
    'correct its regular expression, query or options',
  ),
  'link-missing': warning(
    'A link leads to a dashboard that is not there',
    'correct the uid or the tag, or provision the dashboard',
  ),
  'range-reversed': error('A dashboard’s range ends before it begins', 'write from: now-6h, to: now'),
  'range-unreadable': warning('Grafana does not understand a time', 'write now-6h, now, 30s'),
  'element-missing': error(
    'A layout names an element that is not there',
    'correct the name: Grafana does not show the dashboard',
  ),
  'panel-empty': error('A panel asks for nothing', 'give it a query, or take it away'),
  'panel-hidden': warning(
    'A panel never shows what it asks for',
    'show one of its queries or series, or take the panel away',
  ),
  'panel-id': warning('Two panels have the same id', 'give each its own: links and screenshots of a panel use its id'),
} as const;
export type BoardJudge = Judge<typeof boardProblems>;
