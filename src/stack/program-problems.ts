import { routingProblems } from './routing-problems.ts';
import { error, warning } from '../core/judgement.ts';

/** Findings about Alertmanager's configuration. */
export const alertmanagerProblems = {
  'alertmanager-refused': error(
    'Alertmanager refuses its configuration',
    'correct it: Alertmanager does not start with it',
  ),
  'alertmanager-literal': error(
    'There is a placeholder in Alertmanager’s configuration',
    'Alertmanager fills in no variables: use the …_file keys, or fill the file in before it starts',
  ),
  'hook-host': warning(
    'A webhook’s host is not a service that Alertmanager reaches',
    'use the service’s name, on a network that both share',
  ),
  'receiver-empty': warning(
    'Alerts are routed to a receiver that notifies nobody',
    'give the receiver an integration; call it "null" where it is meant to be silent',
  ),
  ...routingProblems,
} as const;

export const healthProblems = {
  'loopback-only': error(
    'A service listens on the loopback address of its own container only',
    'let it listen on 0.0.0.0: what is published does not reach 127.0.0.1 in the container',
  ),
  'healthcheck-tool': error(
    'A healthcheck runs what its image does not have',
    'install it in the image, or ask with what is there: as it stands the service is never healthy',
  ),
  'healthcheck-command': error(
    'A healthcheck cannot work as it is written',
    'the service never becomes healthy: write CMD-SHELL with one text, or CMD with each word apart',
  ),
  'healthcheck-localhost': error(
    'A healthcheck asks an address at which the service does not listen',
    'ask 127.0.0.1: as it stands the service is never healthy',
  ),
} as const;
