import { distance } from '../../core/suggest.ts';

/** What `systemd-analyze verify` says of a unit. */
export interface UnitFault {
  line?: number;
  text: string;
  /** The unit is not started, a value of it is ignored, or a word of it is one that systemd does not know. */
  kind: 'refused' | 'ignored' | 'unknown' | 'remark';
  near?: string;
}

/** Does an installation put values in for words of the unit: of autotools or meson, Jinja, Go, ERB, or a person? */
export const isUnitTemplate = (text: string): boolean =>
  /@[A-Za-z]\w+@|\{[{%]|<%|<[A-Za-z][\w ()-]*>/.test(text.replace(/^\s*[#;].*$/gm, ''));

/** Words that units are made of most. Source: systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.timer(5) of systemd 257. */
const keys =
  'Description Documentation After Before Wants Requires Requisite BindsTo PartOf Conflicts Upholds OnFailure OnSuccess ConditionPathExists AssertPathExists StartLimitIntervalSec StartLimitBurst Type RemainAfterExit PIDFile ExecStart ExecStartPre ExecStartPost ExecStop ExecStopPost ExecReload ExecCondition Restart RestartSec TimeoutStartSec TimeoutStopSec TimeoutSec WatchdogSec SuccessExitStatus KillMode KillSignal User Group DynamicUser WorkingDirectory RootDirectory Environment EnvironmentFile PassEnvironment StandardOutput StandardError StandardInput SyslogIdentifier UMask LimitNOFILE LimitNPROC Nice MemoryMax MemoryHigh CPUQuota TasksMax ProtectSystem ProtectHome PrivateTmp PrivateDevices NoNewPrivileges ReadWritePaths ReadOnlyPaths CapabilityBoundingSet AmbientCapabilities StateDirectory RuntimeDirectory LogsDirectory CacheDirectory ConfigurationDirectory SystemCallFilter RestrictAddressFamilies OnCalendar OnBootSec OnUnitActiveSec OnActiveSec Persistent RandomizedDelaySec AccuracySec Unit ListenStream ListenDatagram Accept SocketUser SocketMode WantedBy RequiredBy Also Alias'.split(
    ' ',
  );
const sections = 'Unit Service Install Timer Socket Path Mount Automount Swap Slice Scope'.split(' ');
const near = (word: string, known: readonly string[]): string | undefined =>
  known.find((one) => distance(one.toLowerCase(), word.toLowerCase(), 2) <= (word.length > 5 ? 2 : 1));

/**
 * Reads the answer about one unit. That its program is not on this machine says nothing; what it says of other units, which it loads
 * with it, is told with them.
 */
export function unitFaults(output: string, file: string): UnitFault[] {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const own = name.replace('@.', '@i.');
  const found: UnitFault[] = [];
  for (const raw of output.split('\n')) {
    const [, path = '', line, placed] = /^(\S.*?):(\d+):\s+(.*)$/.exec(raw) ?? [];
    const [, unit = '', told] = placed === undefined ? (/^([^\s:]+):\s+(.*)$/.exec(raw) ?? []) : [];
    if (placed !== undefined && path.slice(path.lastIndexOf('/') + 1) === name)
      found.push({ line: Number(line), ...kindOf(placed) });
    else if (told !== undefined && (unit === own || unit === name) && /\bRefusing\.|fatal error/.test(told))
      found.push({ text: told, kind: 'refused' });
  }
  const isBad = new Set([...output.matchAll(/^Unit (\S+) has a bad unit file setting/gm)].map(([, unit]) => unit));
  // It starts no unit with such a line, in whatever words it says so.
  if ((isBad.has(own) || isBad.has(name)) && !found.some(({ kind }) => kind === 'refused' || kind === 'ignored'))
    for (const one of found) if (one.kind === 'remark') one.kind = 'refused';
  // The end of what its lines have told.
  return found.some((one) => one.kind === 'ignored') ? found.filter((one) => !/fatal error/.test(one.text)) : found;
}

/**
 * The last line of an answer that ended with an error and says of no unit why: systemd could not be asked, or takes the file for none.
 * An error is expected where a program, or another unit, is not on this machine, or another unit has faults of its own.
 */
export function unexplained(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const known = /is not executable|Unit \S+ not found|service \S+ not loaded|^\S.*?:\d+:\s|\bRefusing\.|fatal error/;
  return lines.some((line) => known.test(line)) ? undefined : (lines.at(-1) ?? 'it says nothing');
}

function kindOf(text: string): Omit<UnitFault, 'line'> {
  const [, key] = /^Unknown (?:key|key name|lvalue) '([^']+)'/.exec(text) ?? [];
  const [, section] = /^Unknown section '([^']+)'/.exec(text) ?? [];
  if (key !== undefined || section !== undefined) {
    const word = key ?? section ?? '';
    // A word that is known stands in a section that does not have it.
    const meant = key !== undefined && keys.includes(key) ? key : near(word, key === undefined ? sections : keys);
    return { text, kind: 'unknown', ...(meant !== undefined && { near: meant }) };
  }
  if (
    /^(?:Failed to parse|Invalid|Unbalanced quoting|Missing|Executable path is not|Assignment outside of section)|ignoring: /.test(
      text,
    )
  )
    return { text, kind: 'ignored' };
  return { text, kind: 'remark' };
}
