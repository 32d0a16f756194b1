import type { StepContext } from '../core/step.ts';

/** A Grafana that is installed on this machine. */
export interface FoundGrafana {
  /** Program and first arguments: `grafana server`, or `grafana-server` up to 9.x. */
  argv: string[];
  /** Its home, with `conf/defaults.ini`; undefined where none was found. */
  home?: string;
}

/**
 * Programs on PATH, then below the homes: GRAFANA_HOME, the packages' place, Homebrew's, and the folder above the program's own.
 * Source of the places: Grafana's deb and rpm packages, its tarball, Homebrew's formula.
 */
const script = `
homes="$GRAFANA_HOME
/usr/share/grafana
/opt/homebrew/opt/grafana/share/grafana
/usr/local/opt/grafana/share/grafana
/home/linuxbrew/.linuxbrew/opt/grafana/share/grafana"
program=
for one in grafana grafana-server; do
  [ -n "$program" ] || program=$(command -v -- "$one" || true)
done
IFS='
'
for home in $homes; do
  for one in grafana grafana-server; do
    [ -n "$program" ] || { [ -x "$home/bin/$one" ] && program=$home/bin/$one; } || true
  done
done
[ -n "$program" ] || exit 1
printf '%s\\n' "$program"
own=$(cd "$(dirname -- "$(readlink -f -- "$program")")/.." && pwd)
for home in $homes "$own" "$own/share/grafana"; do
  if [ -f "$home/conf/defaults.ini" ]; then printf '%s\\n' "$home"; exit 0; fi
done
`;

/** The Grafana of this machine; undefined where it has none. */
export async function findGrafana(machine: Pick<StepContext, 'exec'>): Promise<FoundGrafana | undefined> {
  const { code, stdout } = await machine.exec(['sh', '-c', script]);
  const [program = '', home] = stdout.split('\n').filter((line) => line !== '');
  if (code !== 0 || program === '') return undefined;
  return {
    argv: program.endsWith('-server') ? [program] : [program, 'server'],
    ...(home !== undefined && { home }),
  };
}

/** How a machine gets one, for whoever wants full fidelity without containers. */
export const howToGetGrafana =
  'install Grafana (grafana.com/grafana/download; `brew install grafana`), or set GRAFANA_HOME to where it was unpacked';
