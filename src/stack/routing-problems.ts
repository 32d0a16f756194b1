/** What may be found in routes and inhibitions, in whatever step. */
export const routingProblems = {
  'unsupported-by-amtool': {
    level: 'note',
    title: 'This amtool cannot check all of the file',
    hint: 'what it does not know was left out: use the amtool of the Alertmanager that is deployed',
  },
  'route-unreachable': {
    level: 'error',
    title: 'No alert can ever reach a route',
    hint: 'put the narrower route first, say continue, or correct the matchers',
  },
  'route-unmatched': {
    level: 'warning',
    title: 'A route or an inhibition waits for alerts that no rule makes',
    hint: 'bring the labels of the rules and the matchers together',
  },
  'route-muted': {
    level: 'error',
    title: 'A route is muted for ever',
    hint: 'correct the time interval: nobody is ever told',
  },
  'label-misspelt': {
    level: 'error',
    title: 'A label of an alert or a matcher is misspelt',
    hint: 'bring the labels of the rules and the matchers together',
  },
  'inhibits-all': {
    level: 'error',
    title: 'An inhibition silences every target',
    hint: 'name labels under equal that both alerts have',
  },
  'template-undefined': {
    level: 'error',
    title: 'A notification uses a template or a field that is defined nowhere',
    hint: 'define it in a file that templates: names and that is mounted, or correct its name: as it stands the notification fails',
  },
  'receiver-unused': {
    level: 'note',
    title: 'No route leads to a receiver',
    hint: 'add a route, or take the receiver out',
  },
} as const;
