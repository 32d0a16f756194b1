/** The fields of a schedule: least and greatest number, names. Source: robfig/cron v3, ParseStandard, which Kubernetes calls. */
const parts: readonly { name: string; least: number; most: number; names: string }[] = [
  { name: 'minute', least: 0, most: 59, names: '' },
  { name: 'hour', least: 0, most: 23, names: '' },
  { name: 'day of the month', least: 1, most: 31, names: '' },
  { name: 'month', least: 1, most: 12, names: 'jan feb mar apr may jun jul aug sep oct nov dec' },
  { name: 'day of the week', least: 0, most: 6, names: 'sun mon tue wed thu fri sat' },
];

/** What is wrong with a schedule of a CronJob, in words; undefined where nothing is. */
export function faultOfSchedule(text: string): string | undefined {
  const [first = '', ...others] = text.trim().split(/\s+/);
  const zoned = /^(?:CRON_)?TZ=/.test(first);
  const fields = zoned ? others : [first, ...others];
  if (fields[0]?.startsWith('@') === true)
    return /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)$/.test(fields.join(' '))
      ? undefined
      : 'there is no such word for a schedule';
  if (fields.length !== 5) return `it has ${fields.length} fields, expected 5`;
  for (const [n, { name, least, most, names }] of parts.entries()) {
    const words = names.split(' ');
    const numberOf = (word: string): number =>
      /^\d+$/.test(word)
        ? Number(word)
        : words.indexOf(word.toLowerCase()) < 0 || word === ''
          ? NaN
          : words.indexOf(word.toLowerCase()) + least;
    for (const item of (fields[n] ?? '').split(',')) {
      const [, range = '', step] = /^([^/]*)(?:\/(.*))?$/.exec(item) ?? [];
      if (step !== undefined && !/^0*[1-9]\d*$/.test(step)) return `the ${name} ${item} has no step that is a number`;
      if (/^[*?]$/.test(range)) continue;
      const ends = range.split('-').map(numberOf);
      if (ends.length > 2 || ends.some(Number.isNaN)) return `${item} is not a valid ${name}`;
      if (ends.some((end) => end < least || end > most)) return `the ${name} ${item} is not from ${least} to ${most}`;
      if (ends.length === 2 && (ends[0] ?? 0) > (ends[1] ?? 0)) return `the ${name} ${item} ends before it begins`;
    }
  }
  return undefined;
}
