import { routingProblems } from './routing-problems.ts';

/** Findings about Alertmanager's configuration. */
export const alertmanagerProblems = {
  'alertmanager-refused': {
    level: 'error',
    title: 'Alertmanager refuses its configuration',
    hint: 'correct it: Alertmanager does not start with it',
  },
  'alertmanager-literal': {
    level: 'error',
    title: 'There is a placeholder in Alertmanager’s configuration',
    hint: 'Alertmanager fills in no variables: use the …_file keys, or fill the file in before it starts',
  },
  'hook-host': {
    level: 'error',
    title: 'A webhook’s host is no service that Alertmanager reaches',
    hint: 'use the service’s name, on a network that both share',
  },
  'receiver-empty': {
    level: 'warning',
    title: 'Alerts are routed to a receiver that notifies nobody',
    hint: 'give the receiver an integration; call it "null" where it is meant to be silent',
  },
  ...routingProblems,
} as const;

export const healthProblems = {
  'healthcheck-tool': {
    level: 'error',
    title: 'A healthcheck runs what its image does not have',
    hint: 'install it in the image, or ask with what is there: as it stands the service is never healthy',
  },
  'healthcheck-command': {
    level: 'error',
    title: 'A healthcheck cannot work as it is written',
    hint: 'the service never becomes healthy: write CMD-SHELL with one text, or CMD with each word apart',
  },
  'healthcheck-localhost': {
    level: 'error',
    title: 'A healthcheck asks an address at which the service does not listen',
    hint: 'ask 127.0.0.1: as it stands the service is never healthy',
  },
} as const;
