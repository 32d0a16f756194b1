import { inYard, one, suspected, type Mutant } from '../mutant.ts';

const alerting = 'grafana/alerting.yml';
const unit = 'deploy/pumpd.service';

/** Further defects of alerting, releases, units and calls. */
export default (
  [
    suspected(
      one(
        'a contact point’s template that no file has',
        'alerting',
        'template-missing',
        alerting,
        'settings: { addresses: gardeners@example.org }',
        `settings: { addresses: gardeners@example.org, message: '{{ template "pond.message" . }}' }`,
      ),
    ),
    one(
      'a mute timing that nobody makes',
      'alerting',
      'mute-missing',
      alerting,
      'policies:\n  - orgId: 1\n',
      'policies:\n  - orgId: 1\n    routes: [{ receiver: gardeners, mute_time_intervals: [nights] }]\n',
    ),
    {
      name: 'a file of alerting that is no YAML',
      step: 'alerting',
      code: 'file-unreadable',
      edits: { [alerting]: 'groups: [\n' },
    },
    {
      name: 'a file that provisions nothing',
      step: 'alerting',
      code: 'file-unreadable',
      edits: { [alerting]: 'apiVersion: 1\n' },
    },
    one(
      'a changelog with another date than one',
      'release',
      'changelog-date',
      'CHANGELOG.md',
      '2026-05-04',
      '2036-05-04',
    ),
    suspected(
      one(
        'an entry that says nothing',
        'release',
        'changelog-empty',
        'CHANGELOG.md',
        '- Pumps report their level.\n',
        '',
      ),
    ),
    {
      name: 'a manifest that does not parse',
      step: 'release',
      code: 'manifest-unreadable',
      edits: { 'pyproject.toml': '[project\nname = "pump"\n' },
    },
    suspected(
      one(
        'a variable of the unit that the program does not read',
        'calls',
        'environment-unread',
        unit,
        'PUMP_POND=',
        'PUMP_POMD=',
      ),
    ),
    { name: 'no unit at all', step: 'units', code: 'units-missing', edits: { [unit]: null } },
    {
      name: 'a script that loses the exit code of its tests',
      step: 'calls',
      code: 'exit-code-lost',
      edits: { 'deploy/check.sh': '#!/bin/sh\npython -m pytest | tee log.txt\n' },
    },
  ] satisfies Mutant[]
).map(inYard);
