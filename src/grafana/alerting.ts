import { Unobservable, type StepContext } from '../core/step.ts';
import { listOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import { api, type GrafanaParams } from './api.ts';

export interface SeenRule {
  uid: string;
  title: string;
  paused: boolean;
  /** `ok`, `error`, `nodata`, `unknown`; undefined where Grafana does not list it among those that it evaluates. */
  health?: string;
  error?: string;
}
export interface Alerting {
  rules: SeenRule[];
  /** Names of contact points. */
  contacts: string[];
  /** Where notifications go that no policy sends elsewhere. */
  receiver: string;
}

/** What Grafana's alerting has. @throws Unobservable `alerting-unread`, and see api */
export async function alertingOf(ctx: StepContext, p: GrafanaParams): Promise<Alerting> {
  const ask = async (path: string): Promise<unknown> => {
    const { status, json } = await api(ctx, p, path);
    if (status === 200) return json;
    throw new Unobservable('alerting-unread', `${path} answered HTTP ${status}: ${textOf(objectOf(json)['message'])}`, {
      hint: 'is Grafana’s own alerting on (from 9.1), and may the account read its provisioning?',
    });
  };
  const [rules, contacts, policies, evaluated] = [
    await ask('/api/v1/provisioning/alert-rules'),
    await ask('/api/v1/provisioning/contact-points'),
    await ask('/api/v1/provisioning/policies'),
    await ask('/api/prometheus/grafana/api/v1/rules'),
  ];
  const healths = listOf(objectOf(objectOf(evaluated)['data'])['groups'])
    .map(objectOf)
    .flatMap((group) =>
      listOf(group['rules']).map((rule): Record<string, unknown> => ({
        ...objectOf(rule),
        group: textOf(group['name']),
      })),
    );
  return {
    rules: listOf(rules).map((one) => {
      const own = objectOf(one);
      const [uid, title, group] = [textOf(own['uid']), textOf(own['title']), textOf(own['ruleGroup'])];
      // Before 11.x the list of evaluated rules bears no uid.
      const found =
        healths.find((rule) => textOf(rule['uid']) === uid) ??
        healths.find((rule) => textOf(rule['uid']) === '' && rule['name'] === title && rule['group'] === group);
      const [health, error] = [textOf(found?.['health']), textOf(found?.['lastError'])];
      return {
        uid,
        title,
        paused: own['isPaused'] === true,
        ...(health !== '' && { health }),
        ...(error !== '' && { error }),
      };
    }),
    contacts: listOf(contacts).map((one) => textOf(objectOf(one)['name'])),
    receiver: textOf(objectOf(policies)['receiver']),
  };
}
