import { commandClaims } from './commands.ts';
import { commitClaims } from './commits.ts';
import { absenceClaims } from './absences.ts';
import { deployedNameClaims } from './deployed-names.ts';
import { deployedValueClaims } from './deployed-values.ts';
import { kubectlClaims } from './kubectl.ts';
import { goneRouteClaims } from './gone-routes.ts';
import { nearNameClaims } from './near-names.ts';
import { originClaims } from './origins.ts';
import { ownNameClaims, testProofClaims } from './own-names.ts';
import { flagTableClaims } from './own-program.ts';
import { universalClaims } from './universals.ts';
import { manifestFeatureClaims } from './manifest-features.ts';
import { blockClaims, conflictClaims } from './blocks.ts';
import { countClaims } from './counts.ts';
import { drawnPathClaims } from './drawn-paths.ts';
import { listedFileClaims } from './listed-files.ts';
import { keyClaims } from './keys.ts';
import { linkClaims } from './links.ts';
import { measureClaims } from './measures.ts';
import { nameClaims } from './names.ts';
import { ownLinkClaims } from './own-links.ts';
import { componentClaims } from './components.ts';
import { packageClaims } from './package-facts.ts';
import { pathClaims } from './paths.ts';
import { portClaims } from './ports.ts';
import { routeClaims } from './routes.ts';
import { routingClaims } from './routing.ts';
import { groupTableClaims } from './rule-texts.ts';
import { serviceClaims } from './service-facts.ts';
import { settingClaims } from './settings.ts';
import { spokenFlagClaims } from './spoken-flags.ts';
import { statusClaims } from './status.ts';
import { strangerClaims } from './strangers.ts';
import { stubClaims } from './stubs.ts';
import { symbolClaims } from './symbols.ts';
import { versionClaims } from './versions.ts';
import { isSnapshot, suspected, type Claim, type Reading } from './reading.ts';

/** Which claims are looked up. */
export interface Looked {
  paths: boolean;
  links: boolean;
  commands: boolean;
  names: boolean;
  values: boolean;
}

type Lookup = (reading: Reading) => Claim[] | Promise<Claim[]>;
/** What a sentence says in words may be meant otherwise: it is suspected, never proven. */
const inWords =
  (lookup: Lookup): Lookup =>
  async (reading) =>
    isSnapshot(reading.parsed) ? [] : (await lookup(reading)).map(suspected);
/** What looks up each kind. */
export const lookups: Record<keyof Looked, readonly Lookup[]> = {
  paths: [pathClaims, drawnPathClaims, listedFileClaims],
  links: [linkClaims, ownLinkClaims],
  commands: [commandClaims, blockClaims, conflictClaims, goneRouteClaims, inWords(kubectlClaims)],
  names: [
    nameClaims,
    keyClaims,
    symbolClaims,
    routeClaims,
    flagTableClaims,
    inWords(ownNameClaims),
    inWords(deployedNameClaims),
    inWords(strangerClaims),
    inWords(nearNameClaims),
    inWords(spokenFlagClaims),
  ],
  values: [
    versionClaims,
    countClaims,
    portClaims,
    measureClaims,
    settingClaims,
    statusClaims,
    stubClaims,
    commitClaims,
    inWords(absenceClaims),
    inWords(deployedValueClaims),
    inWords(originClaims),
    groupTableClaims,
    ...[packageClaims, componentClaims, serviceClaims, routingClaims].map((one) => inWords(one)),
    ...[testProofClaims, universalClaims, manifestFeatureClaims].map((one) => inWords(one)),
  ],
};
/** The kinds of claims. */
export const kinds = Object.keys(lookups) as (keyof Looked)[];
/** What is said of things as they are: a document about the past is not held to it. */
export const ofNow: ReadonlySet<Lookup> = new Set<Lookup>([
  drawnPathClaims,
  listedFileClaims,
  ownLinkClaims,
  ...lookups.names,
  ...lookups.values.filter((one) => one !== statusClaims && one !== commitClaims),
]);
