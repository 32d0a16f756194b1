import { toolchains } from '../toolchains/index.ts';
import { thresholdsOf, objectivesOf } from '../formats/bench/document.ts';
import { publishedPorts } from '../formats/compose/ports.ts';
import { isGrafana, isPrometheus } from '../formats/compose/model.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../formats/data/json-parts.ts';
import { tablesOf } from '../formats/documents/tables.ts';
import { prometheusConfig } from '../formats/prometheus/prometheus-config.ts';
import type { Mapped } from './command-steps.ts';
import type { ComposeSet } from './compose-sets.ts';
import { type ProjectTree as Tree } from '../toolchains/drafted.ts';
import { dashboardPatterns, type Monitoring } from './monitoring.ts';

const wait = '75s';
const healthPath = /^\/(?:[\w-]+\/)*(?:-\/)?(?:health(?:z|y|check)?|ready(?:z|ness)?|live(?:z|ness)?|ping|up)$/;
const localUrl = /\bhttps?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::(\d+))?(\/[\w./-]*)?/;

/** The steps that prove what a document asks a person to see, as far as the repository has what they need. */
export class Proofs {
  readonly #tree: Tree;
  readonly #seen: Monitoring;
  readonly #services: [name: string, service: JsonObject][];

  /** @param up the compose sets that the checklist brings up */
  constructor(tree: Tree, seen: Monitoring, up: readonly ComposeSet[]) {
    this.#tree = tree;
    this.#seen = seen;
    const chosen = (service: JsonObject, profiles: readonly string[]): boolean => {
      const own = listOf(service['profiles']).map(textOf);
      return own.length === 0 || own.some((profile) => profiles.includes(profile));
    };
    this.#services = up.flatMap(({ services, profiles }) =>
      Object.entries(services).filter(([, service]) => chosen(service, profiles)),
    );
  }

  #rules(): string[] {
    return this.#seen.rules.filter((one) => one.flavour === 'prometheus').map((one) => one.path);
  }

  /** The service of the stack that runs such an image, by the fact of its address. */
  #addressOf(is: typeof isPrometheus): string | undefined {
    const found = this.#services.find(([, service]) => is({ image: textOf(service['image']) }));
    return found && publishedPorts(found[1]).size > 0 ? `\${{ facts.stack.${found[0]}.url }}` : undefined;
  }

  /** Every alert fires and does not fire, by promtool; where the stack has a Prometheus, also over series that it scrapes. */
  drills(): Mapped[] {
    const rules = this.#rules();
    if (!this.#seen.rules.some((one) => one.alerts > 0 && one.flavour === 'prometheus')) return [];
    const url = this.#loads() ? this.#addressOf(isPrometheus) : undefined;
    const logic: Mapped = {
      id: 'drills',
      uses: 'prometheus/drill',
      with: { rules, require: ['logic'] },
      note: 'by promtool alone; with the url of a Prometheus it also says whether the series are scraped',
    };
    if (url === undefined) return [logic];
    const live: Mapped = {
      id: 'drills-live',
      uses: 'prometheus/drill',
      asksStack: true,
      with: { rules, url, within: wait },
      note: 'mode: sandbox also proves that the notification arrives',
    };
    return [logic, live];
  }

  /** Is every rules file one that the one configuration reads? */
  #loads(): boolean {
    const [config] = this.#seen.configs;
    return this.#seen.configs.length === 1 && this.#rules().every((path) => config?.rules.includes(path) === true);
  }

  /** A picture of every dashboard, and data in every panel. */
  pictures(): Mapped[] {
    const url = this.#addressOf(isPrometheus);
    if (url === undefined || this.#seen.dashboards.length === 0) return [];
    const grafana = this.#services.find(([, service]) => isGrafana({ image: textOf(service['image']) }));
    const shown = {
      url,
      dashboards: this.#seen.dashboards.flatMap(dashboardPatterns),
      ...(this.#seen.dataSources.length > 0 && { datasources: this.#seen.dataSources }),
      within: wait,
    };
    const uids = this.#seen.dashboards.flatMap((one) => one.uids);
    const account = grafana && publishedPorts(grafana[1]).size > 0 ? accountOf(grafana[1]) : undefined;
    if (grafana && account && uids.every((uid) => uid !== ''))
      return [
        {
          id: 'dashboards-populated',
          uses: 'grafana/screenshot',
          asksStack: true,
          secrets: [account.password],
          with: { url: `\${{ facts.stack.${grafana[0]}.url }}`, ...account, dashboards: uids, within: wait },
          standIn: { unless: grafana[0], uses: 'dashboards/preview', with: shown },
          note: `export ${account.password}, which Compose reads as well; where the stack lacks ${grafana[0]}, the stand-in draws them`,
        },
      ];
    const preview: Mapped = {
      id: 'dashboards-populated',
      uses: 'dashboards/preview',
      asksStack: true,
      with: shown,
      note: `drawn from Prometheus${grafana ? `; with an account, grafana/screenshot photographs the pages of ${grafana[0]}` : ''}`,
    };
    return [preview];
  }

  /** The jobs whose targets are services of the stack are scraped. */
  targets(): Mapped | undefined {
    const url = this.#addressOf(isPrometheus);
    const [config] = this.#seen.configs;
    if (url === undefined || !config || this.#seen.configs.length > 1) return undefined;
    const names = new Set(this.#services.map(([name]) => name));
    const jobs = (this.#tree.of(config.path, prometheusConfig)?.targets ?? [])
      .filter(({ address }) => names.has(address.replace(/:\d+$/, '')))
      .map(({ job }) => job);
    if (jobs.length === 0) return undefined;
    return {
      id: 'targets',
      uses: 'prometheus/targets',
      asksStack: true,
      with: { url, jobs: [...new Set(jobs)].map((name) => ({ name })), within: wait },
    };
  }

  /** The groups of the rule files are loaded and evaluated. */
  loaded(): Mapped | undefined {
    const url = this.#addressOf(isPrometheus);
    const groups = this.#seen.rules.filter((one) => one.flavour === 'prometheus').flatMap((one) => one.groups);
    if (url === undefined || groups.length === 0 || !this.#loads()) return undefined;
    return {
      id: 'rules-loaded',
      uses: 'prometheus/rules',
      asksStack: true,
      with: { url, groups: [...new Set(groups)].map((name) => ({ name })), series: 'warn', within: wait },
      note: 'series: required asks that every metric of the rules has samples before anything happened',
    };
  }

  /** The health addresses that the services' own healthchecks ask, where a service publishes that port and no other. */
  health(): Mapped[] {
    return this.#services.flatMap(([name, service]): Mapped[] => {
      const test = objectOf(service['healthcheck'])['test'];
      const asked = localUrl.exec(Array.isArray(test) ? test.map(textOf).join(' ') : textOf(test));
      const ports = publishedPorts(service);
      if (!asked || ports.size !== 1 || !ports.has(asked[1] ?? '80') || !healthPath.test(asked[2] ?? '')) return [];
      return [this.#get(name, asked[2] ?? '')];
    });
  }

  /** A health address in the text of a document: of the service that publishes its port, or of the only one built here. */
  healthNamed(text: string): Mapped | undefined {
    const asked = localUrl.exec(text);
    const path = asked ? (asked[2] ?? '') : text.replace(/^GET\s+/, '');
    if (!healthPath.test(path)) return undefined;
    const fits = this.#services.filter(([, service]) => {
      const ports = publishedPorts(service);
      if (ports.size !== 1) return false;
      return asked ? [...ports.values()].includes(asked[1] ?? '80') : 'build' in service;
    });
    const [only] = fits;
    return only && fits.length === 1 ? this.#get(only[0], path) : undefined;
  }

  #get(service: string, path: string): Mapped {
    return {
      id: `get-${service}${path}`,
      uses: 'http/get',
      asksStack: true,
      with: { url: `\${{ facts.stack.${service}.url }}${path}` },
      note: 'a status alone proves little: say what the answer must hold',
    };
  }

  /** The benchmarks against what the document promises; only where it is known where they write their results. */
  benchmarks(files: readonly string[]): Mapped[] {
    const document = files.find((path) => path.endsWith('.md') && this.#promised(path));
    const benches = toolchains.flatMap((one) => one.benches?.(this.#tree) ?? []).at(0);
    if (document === undefined || benches === undefined) return [];
    const thresholds = thresholdsOf(tablesOf(this.#tree.text(document) ?? ''), thresholdHeading).length > 0;
    const compared: Mapped = {
      id: 'benchmarks',
      uses: 'bench/compare',
      with: {
        ...benches,
        confirm: true,
        document: { file: document, ...(!thresholds && { thresholds: false }) },
      },
      note: 'with a baseline of this host (`baseline:`) it also finds what has become slower',
    };
    return [compared];
  }

  #promised(path: string): boolean {
    const tables = tablesOf(this.#tree.text(path) ?? '');
    return thresholdsOf(tables, thresholdHeading).length > 0 || objectivesOf(tables).length > 0;
  }
}

/** The heading that bench/compare looks for where it is told no other. */
const thresholdHeading = 'Regression thresholds';

/** The administrator's name, and the variable of the machine that Compose takes the password from. */
function accountOf(service: JsonObject): { user: string; password: string } | undefined {
  const given = service['environment'];
  const environment = Array.isArray(given)
    ? Object.fromEntries(given.map(textOf).map((one) => [one.replace(/=.*$/s, ''), one.replace(/^[^=]*=?/, '')]))
    : objectOf(given);
  const password = /^\$\{(\w+)(?::?[-?].*)?\}$|^\$(\w+)$/.exec(textOf(environment['GF_SECURITY_ADMIN_PASSWORD']));
  const user = textOf(environment['GF_SECURITY_ADMIN_USER']);
  const name = password?.[1] ?? password?.[2];
  return name === undefined || user.includes('$') ? undefined : { user: user === '' ? 'admin' : user, password: name };
}
