import { bindProblems } from './bind-checks.ts';
import { refusalProblems } from './service-checks.ts';

/** Findings of stack/up, whatever the driver. */
export const upProblems = {
  ...bindProblems,
  ...refusalProblems,
  'config-refused': { level: 'error', title: 'Compose refuses the configuration', hint: 'correct what it names' },
  'service-missing': {
    level: 'error',
    title: 'A service of the checklist is not in the configuration',
    hint: 'is it behind a profile, or renamed?',
  },
  'variable-not-set': {
    level: 'note',
    title: 'A variable has no value',
    hint: 'set it, or give it a default: ${NAME:-value}',
  },
  taken: {
    level: 'inconclusive',
    title: 'Somebody else has what the stack needs for itself',
    hint: 'stop that, or let the run have its own (isolate: true)',
  },
  'image-refused': {
    level: 'error',
    title: 'The registry does not have the image',
    hint: 'correct the image’s name or tag',
  },
  'image-prebuilt': {
    level: 'warning',
    title: 'A service’s image was not built from this tree by this run',
    hint: 'it may be older than the tree: let the run build it',
  },
  'up-failed': {
    level: 'inconclusive',
    title: 'docker compose up failed, and no service says why',
    hint: 'read what it printed',
  },
  'external-missing': {
    level: 'inconclusive',
    title: 'A network or volume that the project takes from outside is not there',
    hint: 'create it on this engine first',
  },
  'not-created': { level: 'error', title: 'A service has no container', hint: 'read what docker compose up printed' },
  'crash-loop': { level: 'error', title: 'A service ends again and again', hint: 'read its last lines' },
  unhealthy: { level: 'error', title: 'A service’s healthcheck fails', hint: 'read what its healthcheck printed' },
  'loopback-only': {
    level: 'error',
    title: 'A service listens on the loopback address of its own container only',
    hint: 'let it listen on 0.0.0.0: what is published does not reach 127.0.0.1 in the container',
  },
  'readiness-unclear': {
    level: 'inconclusive',
    title: 'Whether a service is ready cannot be told',
    hint: 'name its probe in the checklist: stack.compose.ready',
  },
  'nothing-listens': {
    level: 'inconclusive',
    title: 'Nothing listens on the ports that a service publishes',
    hint: 'see on which port it listens, or take the port away',
  },
  'ended-with-0': {
    level: 'note',
    title: 'A service ended with 0 and is treated as a one-shot',
    hint: 'say so (service_completed_successfully), or give it a healthcheck where it is meant to stay',
  },
  'no-probe': {
    level: 'note',
    title: 'A service has neither a healthcheck nor a probe',
    hint: 'name one in the checklist: stack.compose.ready',
  },
  'restarted-at-start': {
    level: 'warning',
    title: 'A service was started more than once before it was ready',
    hint: 'read its log: what did it wait for?',
  },
  'stale-container': {
    level: 'warning',
    title: 'A container is older than the run',
    hint: 'it has this run’s id, so the clocks of engine and machine differ: set them',
  },
  'not-watched': {
    level: 'inconclusive',
    title: 'A service was not watched to the end',
    hint: 'run again; raise `within` or the step’s time',
  },
  isolation: {
    level: 'note',
    title: 'Isolation takes something from the project',
    hint: 'where a check depends on it, run with isolate: false',
  },
  'service-left-out': {
    level: 'note',
    title: 'A service of the stack is not on this machine',
    hint: 'steps that need it run their stand-ins, with reduced fidelity',
  },
  'driver-chosen': {
    level: 'note',
    title: 'The driver was chosen by what is here',
    hint: 'name one with --driver to have it always',
  },
  'build-failed': { level: 'error', title: 'A service could not be built', hint: 'read the end of the build’s output' },
  'service-exited': { level: 'error', title: 'A service ended by itself', hint: 'read its last lines' },
  'not-ready': {
    level: 'error',
    title: 'A service runs but does not get ready',
    hint: 'read its last lines, and see whether the probe asks the right address',
  },
  unstable: { level: 'error', title: 'A service was ready and did not stay so', hint: 'read its last lines' },
  'not-started': {
    level: 'inconclusive',
    title: 'A service’s program could not be started',
    hint: 'install it, or correct its name',
  },
  unreachable: {
    level: 'inconclusive',
    title: 'A service of a stack that somebody else runs does not answer',
    hint: 'see whether it runs, and whether this machine may reach it',
  },
  'replacement-unused': {
    level: 'warning',
    title: 'A text that was to be replaced is not in the file',
    hint: 'the file has changed: see whether it still holds the addresses that the checklist replaces',
  },
} as const;
