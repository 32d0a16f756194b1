import { error, inconclusive, note, warning, type Judge } from '../core/step.ts';
import type { AlertSeen } from './observed.ts';

/** What a drill may find. */
export const problems = {
  'rules-missing': error('No rules file matches', 'correct the path'),
  'rules-refused': error('Prometheus refuses a rule', 'correct it: one refused rule and none of its file is loaded'),
  'no-alerts': error('There is no alert to drill', 'is this the right file or Prometheus?'),
  'alert-missing': error(
    'A named alert is in none of the rule files',
    'correct the name; a misspelt alert is a missing alert',
  ),
  unconditional: error(
    'An alert fires whatever its series say',
    'its comparison can never be false: correct the threshold or the operator',
  ),
  'fires-on-presence': warning(
    'An alert fires for every series that its selector finds',
    'it has no comparison: if the value counts, compare it',
  ),
  unsolved: inconclusive(
    'Nothing that was tried makes the alert fire',
    'it may be unable to fire: see its comparison and its joins. If it can, give series that show it under `series:`',
  ),
  'fires-late': error('An alert fires later than promised', 'shorten its `for`, or correct the promise'),
  'promtool-too-old': inconclusive(
    'This promtool does not know what the rule uses',
    'use the promtool of the Prometheus that is deployed',
  ),
  'annotation-broken': error(
    'An annotation cannot be rendered',
    'correct the template: whoever is paged reads this text',
  ),
  'annotation-label': error(
    'An annotation reads a label that the alert does not have',
    'the expression aggregates it away: keep it in `by`, or take it out of the text',
  ),
  'annotation-missing': error('An alert lacks a promised annotation', 'add it to the rule'),
  'not-loaded': error(
    'The running Prometheus has not loaded the alert',
    'a rule in a file that nobody loads never fires: see rule_files and reload',
  ),
  'loaded-differs': error(
    'The running Prometheus has another version of the alert',
    'reload it: the drill is of the file, the pages come from what is loaded',
  ),
  'rule-unhealthy': error(
    'The running Prometheus cannot evaluate the alert',
    'it never fires there, whatever a drill says: see what the server says of it',
  ),
  'promtool-other-major': note(
    'promtool is of another major version than the running Prometheus',
    'use the promtool of the Prometheus that is deployed: only its reading of ranges was taken over',
  ),
  'series-missing': error(
    'An alert reads a metric that is not scraped',
    'it can never fire: export the metric, or correct its name',
  ),
  'label-missing': error(
    'An alert selects by a label that no series of the metric has',
    'it can never fire: correct the matcher, or export the label',
  ),
  'value-missing': warning(
    'An alert selects a label value that is not there now',
    'fine where such series appear only with the problem itself; else correct the matcher',
  ),
  'never-joins': error(
    'The sides of an operation never find each other',
    'their series have different labels: aggregate both by the same ones, or say `on (…)`',
  ),
  'live-unknown': inconclusive(
    'No Prometheus was asked whether the alert’s series are scraped',
    'give `url`, or say `require: [logic]`',
  ),
  'engine-silent': inconclusive(
    'The alert did not fire in the throw-away Prometheus',
    'its expression may need the time of day, or history that was not backfilled; see its evidence',
  ),
  'not-fired': error(
    'The alert did not fire in the running Prometheus',
    'is its rule loaded, and does it see the failure? A target that is no longer discovered does not count as down',
  ),
  'already-active': inconclusive('The alert was active before the drill began', 'look at what it says first'),
  'not-resolved': error(
    'The alert went on firing after the recovery',
    'does it watch what was recovered? See keep_firing_for',
  ),
  'not-recovered': error('The service did not come back', 'look at its log'),
  'not-delivered': inconclusive(
    'No notification of the alert reached a receiver',
    'see the alerting part of the configuration and the Alertmanager’s log',
  ),
  'drill-refused': inconclusive(
    'The drill was not made',
    'it would touch the running stack: allow it in the checklist, or use `sandbox`',
  ),
  coverage: error('Alerts were never drilled', 'drill them, or waive them with a reason'),
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
