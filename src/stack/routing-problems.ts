import { error, note, warning } from '../core/judgement.ts';

/** What may be found in routes and inhibitions, in whatever step. */
export const routingProblems = {
  'unsupported-by-amtool': note(
    'This amtool cannot check all of the file',
    'what it does not know was left out: use the amtool of the Alertmanager that is deployed',
  ),
  'route-unreachable': error(
    'No alert can ever reach a route',
    'put the narrower route first, say continue, or correct the matchers',
  ),
  'route-unmatched': warning(
    'A route or an inhibition waits for alerts that no rule makes',
    'make the labels of the rules and the matchers agree',
  ),
  'route-muted': error('A route is muted for ever', 'correct the time interval: nobody is ever told'),
  'label-misspelt': error(
    'A label of an alert or a matcher is misspelt',
    'make the labels of the rules and the matchers agree',
  ),
  'inhibits-all': error('An inhibition silences every target', 'name labels under equal that both alerts have'),
  'template-undefined': error(
    'A notification uses a template or a field that is defined nowhere',
    'define it in a file that templates: names and that is mounted, or correct its name: as it stands the notification fails',
  ),
  'repeat-short': warning(
    'A route is to repeat its notifications sooner than it can',
    'make repeat_interval a multiple of group_interval',
  ),
  'receiver-unused': note('No route leads to a receiver', 'add a route, or take the receiver out'),
} as const;
