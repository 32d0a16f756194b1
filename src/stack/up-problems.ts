import { bindProblems } from './bind-checks.ts';
import { healthProblems } from './program-problems.ts';
import { refusalProblems } from './service-checks.ts';
import { error, inconclusive, note, warning } from '../core/judgement.ts';

/** Findings of stack/up, whatever the driver. */
export const upProblems = {
  ...bindProblems,
  ...refusalProblems,
  'config-refused': error('Compose refuses the configuration', 'correct what it names'),
  'service-missing': error(
    'A service of the checklist is not in the configuration',
    'is it behind a profile, or renamed?',
  ),
  'variable-not-set': note('A variable has no value', 'set it, or give it a default: ${NAME:-value}'),
  taken: inconclusive(
    'Something that the stack needs for itself is taken',
    'stop that, or let the run have its own (isolate: true)',
  ),
  'image-refused': error('The registry does not have the image', 'correct the image’s name or tag'),
  'image-prebuilt': warning(
    'A service’s image was not built from this tree by this run',
    'it may be older than the tree: let the run build it',
  ),
  'up-failed': inconclusive('docker compose up failed, and no service says why', 'read what it printed'),
  'external-missing': inconclusive(
    'A network or volume that the project takes from outside is not there',
    'create it on this engine first',
  ),
  'not-created': error('A service has no container', 'read what docker compose up printed'),
  'crash-loop': error('A service ends again and again', 'read its last lines'),
  unhealthy: error('A service’s healthcheck fails', 'read what its healthcheck printed'),
  'loopback-only': healthProblems['loopback-only'],
  'readiness-unclear': inconclusive(
    'Whether a service is ready cannot be told',
    'name its probe in the checklist: stack.compose.ready',
  ),
  'nothing-listens': inconclusive(
    'Nothing listens on the ports that a service publishes',
    'see on which port it listens, or take the port away',
  ),
  'ended-with-0': note(
    'A service ended with 0 and is treated as a one-shot',
    'say so (service_completed_successfully), or give it a healthcheck where it is meant to stay',
  ),
  'no-probe': note('A service has neither a healthcheck nor a probe', 'name one in the checklist: stack.compose.ready'),
  'restarted-at-start': warning(
    'A service was started more than once before it was ready',
    'read its log: what did it wait for?',
  ),
  'stale-container': warning(
    'A container is older than the run',
    'it has this run’s id, so the clocks of engine and machine differ: set them',
  ),
  'not-watched': inconclusive('A service was not watched to the end', 'run again; raise `within` or the step’s time'),
  isolation: note('Isolation takes something from the project', 'where a check depends on it, run with isolate: false'),
  'service-left-out': note(
    'A service of the stack is not on this machine',
    'steps that need it run their stand-ins, with reduced fidelity',
  ),
  'driver-chosen': note(
    'The driver was chosen by what this machine has',
    'name one with --driver to use it every time',
  ),
  'build-failed': error('A service could not be built', 'read the end of the build’s output'),
  'service-exited': error('A service ended by itself', 'read its last lines'),
  'not-ready': error(
    'A service runs but does not become ready',
    'read its last lines, and see whether the probe asks the right address',
  ),
  unstable: error('A service was ready and did not stay so', 'read its last lines'),
  'not-started': inconclusive('A service’s program could not be started', 'install it, or correct its name'),
  unreachable: inconclusive(
    'A service of a stack that somebody else runs does not answer',
    'see whether it runs, and whether this machine may reach it',
  ),
  'replacement-unused': warning(
    'A text that was to be replaced is not in the file',
    'the file has changed: see whether it still holds the addresses that the checklist replaces',
  ),
} as const;
