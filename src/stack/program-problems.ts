/** Findings about Alertmanager's configuration. */
export const alertmanagerProblems = {
  'alertmanager-refused': {
    level: 'error',
    title: 'Alertmanager refuses its configuration',
    hint: 'correct it: Alertmanager does not start with it',
  },
  'alertmanager-literal': {
    level: 'error',
    title: 'A placeholder stands in Alertmanager’s configuration',
    hint: 'Alertmanager fills in no variables: use the …_file keys, or fill the file in before it starts',
  },
  'template-undefined': {
    level: 'error',
    title: 'A notification uses a template that no file defines',
    hint: 'define it in a file that templates: names and that is mounted: as it stands the notification fails',
  },
  'receiver-empty': {
    level: 'warning',
    title: 'Alerts are routed to a receiver that notifies nobody',
    hint: 'give the receiver an integration; call it "null" where it is meant to be silent',
  },
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
    hint: 'name labels under equal that both alerts bear',
  },
  'receiver-unused': {
    level: 'note',
    title: 'No route leads to a receiver',
    hint: 'add a route, or take the receiver out',
  },
  'route-unmatched': {
    level: 'warning',
    title: 'A route or an inhibition waits for alerts that no rule makes',
    hint: 'bring the labels of the rules and the matchers together',
  },
} as const;

export const healthProblems = {
  'healthcheck-tool': {
    level: 'error',
    title: 'A healthcheck runs what its image does not have',
    hint: 'install it in the image, or ask with what is there: as it stands the service is never healthy',
  },
} as const;
