import { listOf, objectOf, textOf } from '../formats/data/json-parts.ts';

/** A check that must be green, and the GitHub app that has to run it: its id, where the branch says so. */
export interface RequiredCheck {
  name: string;
  app?: string;
}

/** Rules of a branch that ask for checks and do not say which. Source: GitHub REST, "Get rules for a branch". */
const unnamed = new Set(['workflows', 'code_scanning']);

/**
 * The checks that a branch of GitHub requires, by its protection and by rulesets; both can be read without being an administrator.
 * Sources: GitHub REST, "Get a branch" (`protection.required_status_checks`) and "Get rules for a branch" (`required_status_checks`).
 * @returns with the kinds of rules that ask for further checks without a name
 */
export function requiredChecks(
  branch: unknown,
  rules: readonly Record<string, unknown>[],
): { required: RequiredCheck[]; unnamed: string[] } {
  const protection = objectOf(objectOf(objectOf(branch)['protection'])['required_status_checks']);
  const checks = listOf(protection['checks']).map((one) => ofApp(objectOf(one), 'app_id'));
  const contexts = listOf(protection['contexts'])
    .map((one): RequiredCheck => ({ name: textOf(one) }))
    .filter(({ name }) => !checks.some((one) => one.name === name));
  const ofRules = rules
    .filter((one) => one['type'] === 'required_status_checks')
    .flatMap((one) => listOf(objectOf(one['parameters'])['required_status_checks']))
    .map((one) => ofApp(objectOf(one), 'integration_id'));
  const all = [...checks, ...contexts, ...ofRules].filter((one) => one.name !== '');
  return {
    required: [...new Map(all.map((one) => [`${one.name}\0${one.app}`, one])).values()],
    unnamed: [...new Set(rules.map((one) => textOf(one['type'])))].filter((type) => unnamed.has(type)),
  };
}

/** -1 and null stand for any app. */
function ofApp(one: Record<string, unknown>, key: string): RequiredCheck {
  const id = one[key];
  return { name: textOf(one['context']), ...(typeof id === 'number' && id > 0 && { app: String(id) }) };
}
