import { z } from 'zod';
import { chartFolder, givenElsewhere, type ChartFolder } from '../../claims/charts/chart.ts';
import { placeIn, readableParts, renderedResources, twiceMade } from '../../claims/charts/rendered.ts';
import { valueFaults, type ValueFault } from '../../claims/charts/values.ts';
import { judgeResources, type Dangling } from '../../claims/manifests/manifests.ts';
import type { ExecResult, StepContext } from '../../core/doors.ts';
import { defineStep, error, inconclusive, Judge, note, ownPath, warning } from '../../core/step.ts';
import { folderOf, inFolder } from '../../formats/data/paths.ts';
import { helm } from '../../toolchains/tools.ts';

const params = z.strictObject({
  chart: ownPath.describe('folder of Chart.yaml, relative to the target'),
  values: z.array(ownPath).default([]).describe('values files, relative to the target; a later one wins'),
  set: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe('values by their path, as `--set` takes them; texts stay texts'),
  release: z.string().min(1).default('release').describe('name of the release'),
  namespace: z.string().min(1).optional(),
  kubeVersion: z.string().min(1).default('1.33.0').describe('version of Kubernetes that templates see'),
  apiVersions: z
    .array(z.string().min(1))
    .default([])
    .describe('API versions that templates see besides: `monitoring.coreos.com/v1`'),
  resources: z
    .array(z.string().regex(/^\w+\/\S+$/))
    .default([])
    .describe('resources that must come out: `Deployment/release-web`'),
});
type Params = z.infer<typeof params>;

interface Observed {
  /** There is no Chart.yaml. */
  none?: true;
  library: boolean;
  missing: string[];
  absent: string[];
  /** undefined: the templates hand all values on, so that which are read is not known. */
  faults?: ValueFault[];
  helm?: Pick<ExecResult, 'code' | 'notStarted' | 'timedOut' | 'truncated'> & { said: string };
  /** Where the template lies that helm names. */
  at?: { file: string; line?: number };
  resources: string[];
  twice: { name: string; sources: string[] }[];
  dangling: Dangling[];
  /** The folder with what came out, relative to the target where it is below it. */
  folder?: string;
  parts: string[];
}

const problems = {
  'chart-missing': error('There is no Chart.yaml', 'correct `chart`'),
  'values-missing': error('A values file is not there', 'correct `values`'),
  'render-failed': error('The chart does not render', 'correct the template, or the value that it reads'),
  'rendered-invalid': error(
    'A template renders to something that is not YAML',
    'most often an indentation (nindent) or a missing quote',
  ),
  'values-needed': inconclusive(
    'The chart needs values, or renders nothing without them, and none were given',
    'give them as `values` or `set`',
  ),
  'dependencies-missing': inconclusive('Charts that it depends on are not in charts/', 'helm dependency build'),
  'library-chart': inconclusive(
    'The chart is a library: nothing of it was rendered',
    'name a chart that depends on it, and uses its templates',
  ),
  'nothing-rendered': error('The chart renders no resource', 'do conditions switch everything off?'),
  'resource-missing': error('A promised resource is not rendered', 'correct its name, or the values'),
  'resource-twice': error('A resource is made twice: the installation fails', 'take one out, or give it another name'),
  'value-unused': warning('A value is set, and no template reads it', 'correct its name, or take it out'),
  'value-unset': warning(
    'A template reads a value that nothing sets: it renders to nothing',
    'correct its name, or add it to values.yaml',
  ),
  'manifest-refused': error('A cluster refuses what the chart renders', 'correct the template'),
  'manifest-dangling': error(
    'A rendered resource names something that does not exist, or contradicts another',
    'correct the template',
  ),
  'values-not-judged': note('It is not known which values are read', 'a template passes all of them on'),
  'helm-missing': inconclusive(
    'helm is not there',
    'install it (https://helm.sh/docs/intro/install/, or: go install helm.sh/helm/v3/cmd/helm@latest)',
  ),
  'not-ended': inconclusive('helm did not finish in time, or its output is too long', 'run it by hand'),
} as const;

const argvOf = (p: Params): string[] => [
  'helm',
  'template',
  p.release,
  p.chart,
  '--kube-version',
  p.kubeVersion,
  ...(p.namespace === undefined ? [] : ['--namespace', p.namespace]),
  ...p.apiVersions.flatMap((one) => ['--api-versions', one]),
  ...p.values.flatMap((file) => ['--values', file]),
  ...Object.entries(p.set).flatMap(([path, value]) => [
    typeof value === 'string' ? '--set-string' : '--set',
    `${path}=${value}`,
  ]),
];

export default defineStep<Params, Observed>({
  kind: 'helm/template',
  summary: 'The chart renders, what it renders is consistent, and its values are those that its templates read.',
  description: `Runs \`helm template\`, without settings and plugins from outside, and keeps what comes out. What helm refuses (a nil pointer, \`required\`, no YAML) is an error at the template's line; where a chart itself asks for values and none were given, and where charts that it depends on are not in charts/, nothing is known. A resource that is made twice is an error, since an installation ends there.

What comes out is whole, so it is judged as the manifests of \`code/calls\` are: what a cluster refuses, selectors, ports, names, rights of service discovery.

Values and templates are also held against each other without rendering, and so where no helm is: a value that a file of \`values\` sets and no template reads is an error where it is spelt nearly as one that is read, else a warning; a template that reads what nothing sets, without a default or a condition, is told of the same way. Where a template hands all values on, or a packed chart may read them, a note says so.

Other steps read what came out below \`\${{ facts.STEP/helm.folder }}\`: \`manifests.yaml\` is the whole, \`KIND-NAME.yaml\` each PrometheusRule and AlertmanagerConfig, \`NAME-KEY\` each text of a ConfigMap whose key ends in .yml, .yaml, .json or .rules.`,
  example: `- id: chart
  uses: helm/template
  with: { chart: charts/engram, values: [charts/engram/values-prod.yaml] }
- id: chart-rules
  uses: prometheus/rules-static
  with: { rules: ["\${{ facts.chart/helm.folder }}/PrometheusRule-*.yaml"] }`,
  params,
  facts: {
    'helm.folder': 'the folder with what came out',
    'helm.resources': 'resources that came out',
  },
  problems,
  timeout: '120s',
  requires: () => [helm],
  plan: (p) => [argvOf(p).join(' ')],
  leaves: 'nothing',
  async gather(p, ctx) {
    const seen = { library: false, missing: [], absent: [], resources: [], twice: [], dangling: [], parts: [] };
    const chart = await chartFolder(p.chart, ctx);
    if (!chart) return { ...seen, none: true };
    const absent: string[] = [];
    for (const file of p.values) if ((await ctx.files.kind(file)) !== 'file') absent.push(file);
    const faults = await faultsOf(p, chart, ctx);
    const observed = { ...seen, library: chart.library, missing: chart.missing, absent, ...(faults && { faults }) };
    if (chart.library || chart.missing.length > 0 || absent.length > 0) return observed;
    const scratch = ctx.evidence.scratch();
    const result = await ctx.exec(argvOf(p), {
      env: {
        HELM_CONFIG_HOME: scratch,
        HELM_CACHE_HOME: scratch,
        HELM_DATA_HOME: scratch,
        HELM_PLUGINS: scratch,
        HELM_NAMESPACE: '',
        KUBECONFIG: '',
      },
      maxText: 16_000_000,
      readsOnly: true,
    });
    const said = result.stderr.trim();
    const place = placeIn(said);
    return {
      ...observed,
      helm: {
        code: result.code,
        timedOut: result.timedOut,
        truncated: result.truncated,
        said,
        ...(result.notStarted !== undefined && { notStarted: result.notStarted }),
      },
      ...(place && { at: { ...place, file: inChart(p, place.source) } }),
      ...(result.code === 0 && (await keep(p, result.stdout, ctx))),
    };
  },
  judge(p, { none, library, missing, absent, faults, helm: ran, at, resources, twice, dangling, folder, parts }) {
    const j = new Judge(problems);
    if (none) return j.find('chart-missing', `${inFolder(p.chart, 'Chart.yaml')} is not there`).done();
    for (const file of absent) j.find('values-missing', `${file} is not there`, { where: { file } });
    judgeValues(j, p, faults);
    if (missing.length > 0)
      j.find('dependencies-missing', `${p.chart} depends on ${missing.join(', ')}`, {
        hint: `helm dependency build ${p.chart}`,
      });
    if (library) {
      for (const wanted of p.resources)
        j.find('resource-missing', `${wanted} does not come out: ${p.chart} is a library`, { subject: wanted });
      j.find('library-chart', `${p.chart} is a library of templates, and renders to nothing of its own`);
    }
    if (!ran) return j.done();
    if (ran.notStarted !== undefined) return j.find('helm-missing', `helm: ${ran.notStarted}`).done();
    if (ran.timedOut || ran.truncated)
      return j.find('not-ended', `helm ${ran.timedOut ? 'did not end' : 'wrote more than is read'}`).done();
    if (ran.code !== 0) return judgeFailure(j, p, ran.said, at).done();
    if (resources.length === 0)
      j.find(isGiven(p) ? 'nothing-rendered' : 'values-needed', `${p.chart} renders to no resource`);
    for (const wanted of p.resources)
      if (!resources.includes(wanted)) j.find('resource-missing', `${wanted} is not rendered`, { subject: wanted });
    for (const { name, sources } of twice)
      j.find('resource-twice', `${name} is made by ${sources.map((one) => inChart(p, one)).join(' and ')}`, {
        subject: name,
        where: { file: inChart(p, sources[1] ?? '') },
      });
    for (const { file, subject, seen, hint, sure, refused } of dangling)
      j.find(refused === true ? 'manifest-refused' : 'manifest-dangling', `${subject}: ${seen}`, {
        subject,
        hint,
        where: { file: inChart(p, file) },
        cause: seen,
        level: sure ? 'error' : 'warning',
      });
    if (resources.length > 0) j.prove(`${p.chart} renders to ${resources.length} resources`);
    if (parts.length > 0) j.prove(`${parts.length} parts are kept for other steps: ${parts.slice(0, 8).join(', ')}`);
    if (folder !== undefined) j.fact('helm.folder', folder);
    return j.fact('helm.resources', resources.length).done();
  },
});

const isGiven = (p: Params): boolean => p.values.length + Object.keys(p.set).length > 0;
/** Helm names a template by the chart's name; it lies in the chart's folder, whatever that is called. */
const inChart = (p: Params, source: string): string =>
  inFolder(p.chart.replace(/\/$/, ''), source.replace(/^[^/]+\//, ''));

async function faultsOf(p: Params, chart: ChartFolder, { files }: StepContext): Promise<ValueFault[] | undefined> {
  const named = new Map<string, string>();
  for (const file of [inFolder(p.chart, 'values.yaml'), ...p.values]) {
    const text = await files.readIfThere(file);
    if (text !== undefined) named.set(file, text);
  }
  const { others, set } = await givenElsewhere(p.chart, files);
  // Without any file they are all given from outside.
  if (named.size + others.size === 0) return undefined;
  for (const path of Object.keys(p.set)) set.add(path.replace(/\[\d+\].*$/, ''));
  return valueFaults(named, chart, others)?.filter(
    (one) => ![...set].some((path) => one.kind === 'unset' && `${path}.`.startsWith(`${one.path}.`)),
  );
}

async function keep(p: Params, text: string, ctx: StepContext): Promise<Partial<Observed>> {
  const resources = renderedResources(text);
  const parts = readableParts(resources);
  const whole = folderOf(ctx.evidence.path('folder'));
  await ctx.evidence.write('manifests.yaml', text);
  for (const one of resources)
    if (/^(?:PrometheusRule|AlertmanagerConfig)$/.test(one.kind))
      parts.push({ name: `${one.kind}-${one.name}.yaml`, text: JSON.stringify(one.root, null, 2) });
  for (const { name, text: part } of parts) await ctx.evidence.write(name, part);
  return {
    resources: resources.map((one) => `${one.kind}/${one.name}`),
    twice: twiceMade(resources),
    // That a container does not list a port says nothing of who listens on it.
    dangling: judgeResources({ own: resources, all: resources, isNamed: () => false, closed: true }).filter(
      (one) => one.port === undefined,
    ),
    folder: whole.startsWith(`${ctx.target}/`) ? whole.slice(ctx.target.length + 1) : whole,
    parts: parts.map((one) => one.name),
  };
}

function judgeFailure(j: Judge<typeof problems>, p: Params, said: string, at: Observed['at']): Judge<typeof problems> {
  const message = (/^Error: (.*)$/m.exec(said)?.[1] ?? said.split('\n')[0] ?? '').replace(
    /^execution error at \([^)]*\): /,
    '',
  );
  const own = /execution error at|values don't meet the specifications/.test(said);
  const where = at && { where: { file: at.file, ...(at.line !== undefined && { line: at.line }) } };
  if (own && !isGiven(p)) return j.find('values-needed', message, { ...where, detail: said });
  return j.find(/YAML parse error|error converting YAML/.test(said) ? 'rendered-invalid' : 'render-failed', message, {
    ...where,
    detail: said,
  });
}

function judgeValues(j: Judge<typeof problems>, p: Params, faults: ValueFault[] | undefined): void {
  if (!faults) {
    j.find('values-not-judged', `the values of ${p.chart} are not held against its templates`);
    return;
  }
  for (const { kind, file, line, path, near } of faults) {
    const common = {
      where: { file, line },
      subject: path,
      ...(near !== undefined && { hint: `did you mean ${near}?` }),
    };
    if (kind === 'unset')
      j.find('value-unset', `.Values.${path} is set by no values file`, {
        ...common,
        ...(near !== undefined && { level: 'error' as const }),
      });
    else if (near !== undefined)
      j.find('value-unused', `${path} is not read by any template`, {
        ...common,
        ...(p.values.includes(file) && { level: 'error' as const }),
      });
  }
  // The chart's own defaults that nothing reads are left over, all at once; what is nearly the name of another is meant to do something.
  const unread = faults.filter(({ kind, near }) => kind === 'unused' && near === undefined);
  for (const [file, some] of Map.groupBy(unread, (one) => one.file)) {
    const [first] = some;
    if (first)
      j.find(
        'value-unused',
        `no template reads ${some
          .slice(0, 8)
          .map((one) => one.path)
          .join(', ')}${some.length > 8 ? ` and ${some.length - 8} more` : ''}`,
        {
          where: { file, line: first.line },
          subject: first.path,
        },
      );
  }
  if (faults.length === 0) j.prove(`values and templates of ${p.chart} name the same`);
}
