import { listOf, objectOf, textOf } from '../formats/data/json-parts.ts';

/**
 * The checks that a branch of GitHub requires, by its protection and by rulesets; both can be read without being an administrator.
 * Sources: GitHub REST, "Get a branch" (`protection.required_status_checks`) and "Get rules for a branch" (`required_status_checks`).
 */
export function requiredChecks(branch: unknown, rules: readonly Record<string, unknown>[]): string[] {
  const protection = objectOf(objectOf(branch)['protection']);
  const contexts = listOf(objectOf(protection['required_status_checks'])['contexts']).map(textOf);
  const ofRules = rules
    .filter((one) => one['type'] === 'required_status_checks')
    .flatMap((one) => listOf(objectOf(one['parameters'])['required_status_checks']))
    .map((one) => textOf(objectOf(one)['context']));
  return [...new Set([...contexts, ...ofRules])].filter((one) => one !== '');
}
