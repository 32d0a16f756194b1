import { z } from 'zod';
import { defineStep, error, inconclusive, Judge, type ExecResult } from '../../core/step.ts';
import { jsonOf, listOf, objectOf, textOf } from '../../formats/data/json-parts.ts';
import { matchedFiles } from '../../repository/matched-files.ts';
import { kubeconform } from '../../toolchains/tools.ts';

const params = z.strictObject({
  files: z.array(z.string().min(1)).min(1).describe('manifests or globs, relative to the target'),
  schemas: z
    .array(z.string().min(1))
    .min(1)
    .default(['default'])
    .describe('where kubeconform finds schemas (`-schema-location`); `default` is its own place on the network'),
  version: z.string().min(1).default('1.33.0').describe('version of Kubernetes'),
});
type Params = z.infer<typeof params>;

interface Seen {
  file: string;
  kind: string;
  name: string;
  status: string;
  message: string;
}
interface Observed {
  unmatched: string[];
  /** Files that it is to look at. */
  paths: string[];
  result?: Pick<ExecResult, 'code' | 'notStarted' | 'timedOut' | 'truncated'> & { said: string };
  resources: Seen[];
}

const problems = {
  'files-missing': error('No manifest matches', 'correct the path'),
  'schema-violated': error('A manifest violates its schema', 'correct what it names'),
  'manifest-unread': error('A manifest cannot be read', 'correct the YAML'),
  'schema-missing': inconclusive(
    'A schema is not there, or cannot be fetched',
    'give a place that has it as `schemas`; for custom resources, for example https://github.com/datreeio/CRDs-catalog',
  ),
  'nothing-validated': error('The files hold no resource', 'are these manifests?'),
  'not-validated': inconclusive(
    'kubeconform passed over a manifest',
    'does the file hold a resource, and is its kind left out?',
  ),
  'kubeconform-missing': inconclusive(
    'kubeconform is not there',
    'install it (go install github.com/yannh/kubeconform/cmd/kubeconform@latest)',
  ),
  'not-ended': inconclusive('kubeconform did not answer', 'run it by hand'),
} as const;

/** `./a.yaml` is `a.yaml`. */
const plain = (path: string): string => path.replace(/^(?:\.\/+)+/, '');

const argvOf = (p: Params, files: readonly string[]): string[] => [
  'kubeconform',
  '-strict',
  '-verbose',
  '-output',
  'json',
  '-kubernetes-version',
  p.version,
  ...p.schemas.flatMap((one) => ['-schema-location', one]),
  ...files,
];

export default defineStep<Params, Observed>({
  kind: 'kubernetes/conform',
  summary: 'The manifests match their schemas, as kubeconform reads them.',
  description: `Runs \`kubeconform -strict\`, which refuses fields that a schema does not have. What it finds is an error for each resource; a kind whose schema cannot be had is inconclusive, never passed over. Schemas come over the network unless \`schemas\` names a folder: \`schemas/{{.ResourceKind}}{{.KindSuffix}}.json\`. What \`helm/template\` rendered is a file like any other: \`\${{ facts.chart/helm.folder }}/manifests.yaml\`.`,
  example: `- id: conform
  uses: kubernetes/conform
  with:
    files: [deploy/*.yaml]
    schemas: ["schemas/{{.ResourceKind}}{{.KindSuffix}}.json"]`,
  params,
  facts: { 'conform.valid': 'resources that are as their schemas say' },
  problems,
  timeout: '120s',
  requires: () => [kubeconform],
  plan: (p) => [argvOf(p, p.files).join(' ')],
  leaves: 'nothing',
  async gather(p, ctx) {
    const { paths, unmatched } = await matchedFiles(p.files, ctx);
    if (paths.length === 0) return { unmatched, paths, resources: [] };
    const result = await ctx.exec(argvOf(p, paths), { maxText: 16_000_000, readsOnly: true });
    return {
      unmatched,
      paths,
      result: {
        code: result.code,
        timedOut: result.timedOut,
        truncated: result.truncated,
        said: result.stderr.trim(),
        ...(result.notStarted !== undefined && { notStarted: result.notStarted }),
      },
      resources: listOf(objectOf(jsonOf(result.stdout))['resources'])
        .map(objectOf)
        .map((one) => ({
          file: textOf(one['filename']),
          kind: textOf(one['kind']),
          name: textOf(one['name']),
          status: textOf(one['status']),
          // What is wrong at each place, rather than a sentence around it.
          message:
            listOf(one['validationErrors'])
              .map(objectOf)
              .map((each) => `${textOf(each['path'])}: ${textOf(each['msg'])}`)
              .join('; ') || textOf(one['msg']),
        })),
    };
  },
  judge(_, { unmatched, paths, result, resources }) {
    const j = new Judge(problems);
    for (const pattern of unmatched)
      j.find('files-missing', `${pattern} matches no file`, { where: { file: pattern } });
    if (!result) return j.done();
    if (result.notStarted !== undefined)
      return j.find('kubeconform-missing', `kubeconform: ${result.notStarted}`).done();
    if (result.timedOut || result.truncated || (resources.length === 0 && result.code !== 0))
      return j.find('not-ended', result.said || 'it did not end in time, or wrote too much').done();
    for (const { file, kind, name, status, message } of resources) {
      const about = { where: { file }, subject: `${kind} ${name}`.trim() };
      if (status === 'statusInvalid') j.find('schema-violated', `${about.subject}: ${message}`, about);
      // Its own word for what it did not find and for what it cannot read is the same.
      else if (/schema|download/i.test(message)) j.find('schema-missing', message, { ...about, cause: message });
      else if (status === 'statusError') j.find('manifest-unread', `${file}: ${message}`, about);
      // An empty document has no status.
      else if (!/^(?:statusValid|statusEmpty|)$/.test(status))
        j.find('not-validated', `${about.subject || file} was not validated: ${status}`, about);
    }
    const held = resources.filter((one) => /^status(?:Valid|Invalid|Error)$/.test(one.status));
    const named = new Set(held.map((one) => plain(one.file)));
    for (const file of paths)
      if (held.length > 0 && !named.has(plain(file)))
        j.find('not-validated', `${file} holds no resource`, { where: { file }, level: 'warning' });
    if (result.code !== 0 && j.findings.every((one) => one.level === 'warning'))
      j.find('not-ended', `kubeconform exited with ${result.code ?? 'a signal'} and names no fault`, {
        detail: result.said,
      });
    const valid = resources.filter((one) => one.status === 'statusValid').length;
    if (valid > 0) j.prove(`${valid} resources are as their schemas say`);
    if (held.length === 0) j.find('nothing-validated', 'the files hold no resource that was validated');
    return j.fact('conform.valid', valid).done();
  },
});
