/** What the repository's deployment files say of the Prometheus and the exporters that will run. */
export interface Deployed {
  /** Image name without registry → its versions, as [major, minor]. */
  images: Record<string, [number, number][]>;
  /** Names behind --enable-feature. */
  features: string[];
  /** Milliseconds of the longest --storage.tsdb.retention.time: of several, nobody knows which one is asked. */
  retentionMs?: number;
  /** Milliseconds of the longest --query.lookback-delta. */
  lookbackMs?: number;
}

/** The major version of the Prometheus that will run; undefined where none is named, or several are. */
export function prometheusMajor(deployed: Deployed | undefined): number | undefined {
  const majors = new Set((deployed?.images['prometheus'] ?? []).map(([major]) => major));
  return majors.size === 1 ? [...majors][0] : undefined;
}

/** Are all images of that name of at least this version, and is there one? */
export function isAtLeast({ images }: Deployed, name: string, major: number, minor: number): boolean {
  const versions = images[name] ?? [];
  return versions.length > 0 && versions.every(([a, b]) => a > major || (a === major && b >= minor));
}

/** Are all images of that name, as far as they tell their version, older than this version, and is there one? */
export function isBefore({ images }: Deployed, name: string, major: number, minor: number): boolean {
  const versions = images[name] ?? [];
  return versions.length > 0 && versions.every(([a, b]) => a < major || (a === major && b < minor));
}
