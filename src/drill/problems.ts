import type { Judge } from '../core/judgement.ts';
import type { AlertSeen } from './observed.ts';

/** What a drill may find. */
export const problems = {
  'rules-missing': { level: 'error', title: 'No rules file matches', hint: 'correct the path' },
  'rules-refused': {
    level: 'error',
    title: 'Prometheus refuses a rule',
    hint: 'correct it: one refused rule and none of its file is loaded',
  },
  'no-alerts': { level: 'error', title: 'There is no alert to drill', hint: 'is this the right file or Prometheus?' },
  'alert-missing': {
    level: 'error',
    title: 'A named alert is in none of the rule files',
    hint: 'correct the name; a misspelt alert is a missing alert',
  },
  unconditional: {
    level: 'error',
    title: 'An alert fires whatever its series say',
    hint: 'its comparison can never be false: correct the threshold or the operator',
  },
  'fires-on-presence': {
    level: 'warning',
    title: 'An alert fires for every series that its selector finds',
    hint: 'it has no comparison: if the value counts, compare it',
  },
  unsolved: {
    level: 'inconclusive',
    title: 'Nothing that was tried makes the alert fire',
    hint: 'it may be unable to fire: see its comparison and its joins. If it can, give series that show it under `series:`',
  },
  'fires-late': {
    level: 'error',
    title: 'An alert fires later than promised',
    hint: 'shorten its `for`, or correct the promise',
  },
  'promtool-too-old': {
    level: 'inconclusive',
    title: 'This promtool does not know what the rule uses',
    hint: 'use the promtool of the Prometheus that is deployed',
  },
  'annotation-broken': {
    level: 'error',
    title: 'An annotation cannot be rendered',
    hint: 'correct the template: whoever is paged reads this text',
  },
  'annotation-label': {
    level: 'error',
    title: 'An annotation reads a label that the alert does not have',
    hint: 'the expression aggregates it away: keep it in `by`, or take it out of the text',
  },
  'annotation-missing': {
    level: 'error',
    title: 'An alert lacks a promised annotation',
    hint: 'add it to the rule',
  },
  'not-loaded': {
    level: 'error',
    title: 'The running Prometheus has not loaded the alert',
    hint: 'a rule in a file that nobody loads never fires: see rule_files and reload',
  },
  'loaded-differs': {
    level: 'error',
    title: 'The running Prometheus has another version of the alert',
    hint: 'reload it: the drill is of the file, the pages come from what is loaded',
  },
  'rule-unhealthy': {
    level: 'error',
    title: 'The running Prometheus cannot evaluate the alert',
    hint: 'it never fires there, whatever a drill says: see what the server says of it',
  },
  'promtool-other-major': {
    level: 'note',
    title: 'promtool is of another major version than the running Prometheus',
    hint: 'use the promtool of the Prometheus that is deployed: only its reading of ranges was taken over',
  },
  'series-missing': {
    level: 'error',
    title: 'An alert reads a metric that is not scraped',
    hint: 'it can never fire: export the metric, or correct its name',
  },
  'label-missing': {
    level: 'error',
    title: 'An alert selects by a label that no series of the metric has',
    hint: 'it can never fire: correct the matcher, or export the label',
  },
  'value-missing': {
    level: 'warning',
    title: 'An alert selects a label value that is not there now',
    hint: 'fine where such series come with the trouble itself; else correct the matcher',
  },
  'never-joins': {
    level: 'error',
    title: 'The sides of an operation never find each other',
    hint: 'their series have different labels: aggregate both by the same ones, or say `on (…)`',
  },
  'live-unknown': {
    level: 'inconclusive',
    title: 'Whether the alert’s series are scraped was not asked',
    hint: 'give `url`, or say `require: [logic]`',
  },
  'engine-silent': {
    level: 'inconclusive',
    title: 'The alert did not fire in the throw-away Prometheus',
    hint: 'its expression may need the time of day, or history that was not backfilled; see its evidence',
  },
  'not-fired': {
    level: 'error',
    title: 'The alert did not fire in the running Prometheus',
    hint: 'is its rule loaded, and does it see the failure? A target that is no longer discovered does not count as down',
  },
  'already-active': {
    level: 'inconclusive',
    title: 'The alert was active before the drill began',
    hint: 'look at what it says first',
  },
  'not-resolved': {
    level: 'error',
    title: 'The alert went on firing after the recovery',
    hint: 'does it watch what was recovered? See keep_firing_for',
  },
  'not-recovered': { level: 'error', title: 'The service did not come back', hint: 'look at its log' },
  'not-delivered': {
    level: 'inconclusive',
    title: 'No notification of the alert reached a receiver',
    hint: 'see the alerting part of the configuration and the Alertmanager’s log',
  },
  'drill-refused': {
    level: 'inconclusive',
    title: 'The drill was not made',
    hint: 'it would touch the running stack: allow it in the checklist, or use `sandbox`',
  },
  coverage: {
    level: 'error',
    title: 'Alerts were never drilled',
    hint: 'drill them, or waive them with a reason',
  },
} as const;

export type DrillJudge = Judge<typeof problems>;

/** Where a finding about an alert points to. */
export const about = (
  alert: AlertSeen,
): { subject: string; where?: { file: string; line: number }; detail: string } => ({
  subject: alert.name,
  ...(alert.file !== '' && { where: { file: alert.file, line: alert.line } }),
  detail: alert.expr,
});
