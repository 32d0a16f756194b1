import { didYouMean } from '../core/suggest.ts';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { commandIsExcused } from '../formats/documents/path-text.ts';
import { headingsAbove } from '../formats/documents/surroundings.ts';
import { commandsOfFence } from '../formats/programs/shell.ts';
import type { Sources } from '../repository/sources.ts';
import { doubt, holds, wrong, type Claim, type Verdict } from './reading.ts';

const remoteCall = /(?<![\w/.])((?:[a-z_]\w*\.)+)?([A-Z]\w+)[/.]([A-Z]\w+)(?![\w/.])/g;
/** "`PondService`: `Feed`, `Drain`" */
const methodList =
  /`([A-Z]\w+)`\*{0,2}\s*(?::|—|–|-|\(|offers|provides|has|implements)\s*((?:`[A-Z]\w+`(?:\(\))?(?:, (?:and )?| and | or )?)+)/;

interface Service {
  file: string;
  package: string;
  methods: Set<string>;
}

type Services = ReadonlyMap<string, readonly Service[]>;

async function servicesOf(sources: Sources): Promise<Services> {
  const found = new Map<string, Service[]>();
  for (const [file, raw] of await sources.matching(/\.proto$/)) {
    const text = raw.replace(/\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '');
    const own = /^\s*package\s+([\w.]+)\s*;/m.exec(text)?.[1] ?? '';
    for (const match of text.matchAll(/^\s*service\s+(\w+)\s*\{/gm)) {
      let depth = 1;
      let end = match.index + match[0].length;
      for (; end < text.length && depth > 0; end++) depth += text[end] === '{' ? 1 : text[end] === '}' ? -1 : 0;
      const body = text.slice(match.index, end);
      const methods = new Set([...body.matchAll(/\brpc\s+(\w+)\s*\(/g)].map(([, name = '']) => name));
      found.set(match[1] ?? '', [...(found.get(match[1] ?? '') ?? []), { file, package: own, methods }]);
    }
  }
  return found;
}

/** `pond.v1.PondService/Feed`, in prose and in calls of grpcurl, against the services of .proto files. */
export async function procedureClaims(sources: Sources, parsed: MarkdownDocument): Promise<Claim[]> {
  const services = await servicesOf(sources);
  return services.size === 0
    ? []
    : [...(await listedMethods(services, sources, parsed)), ...calledMethods(services, sources.whole, parsed)];
}

async function listedMethods(services: Services, sources: Sources, parsed: MarkdownDocument): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const [n, raw] of parsed.prose.entries()) {
    const [, service = '', names = ''] = methodList.exec(raw) ?? [];
    const known = services.get(service);
    const listed = [...names.matchAll(/`(\w+)`/g)].map(([, one = '']) => one);
    const has = (one: string): boolean => known?.some(({ methods }) => methods.has(one)) === true;
    if (!known || !listed.some(has) || commandIsExcused(raw, headingsAbove(parsed, n + 1))) continue;
    const seen = `the service ${service} of ${known.map(({ file }) => file).join(', ')} has no such method`;
    for (const text of listed)
      if (!has(text) && !(await sources.containText(text)))
        claims.push({ kind: 'name', line: n + 1, text, ...doubt(seen, 'correct the name') });
  }
  return claims;
}

function calledMethods(services: Services, whole: boolean, parsed: MarkdownDocument): Claim[] {
  const packages = new Set([...services.values()].flat().map((one) => one.package));
  const claims = new Map<string, Claim>();
  const look = (line: number, text: string, excused: boolean): void => {
    const say = excused ? doubt : wrong;
    for (const [call, prefix = '', service = '', method = ''] of text.matchAll(remoteCall)) {
      const add = (verdict: Verdict): unknown =>
        claims.has(call) || claims.set(call, { kind: 'name', line, text: call, ...verdict });
      const known = services.get(service);
      const own = prefix.replace(/\.$/, '');
      if (known?.some((one) => own === '' || one.package === own || one.package.endsWith(`.${own}`))) {
        const files = known.map((one) => one.file).join(', ');
        const all = known.flatMap((one) => [...one.methods]);
        if (all.includes(method)) add(holds(`${files} has it`));
        // `Service.Name` may be anything else.
        else if (call.includes('/') || prefix !== '')
          add(
            say(
              `the service ${service} of ${files} has no method ${method}`,
              didYouMean(method, all, 'correct the name'),
            ),
          );
      } else if (own !== '' && call.includes('/') && packages.has(own) && whole)
        add(
          say(
            `no .proto file has a service ${service} in the package ${own}`,
            `the services are ${[...services.keys()].slice(0, 5).join(', ')}`,
          ),
        );
    }
  };
  for (const { line, text, context, heading } of parsed.spans) look(line, text, commandIsExcused(context, heading));
  for (const fence of parsed.fences)
    if (commandsOfFence(fence.lang, fence.text) !== undefined)
      for (const [n, text] of fence.text.split('\n').entries())
        look(fence.line + n, text, commandIsExcused('', fence.heading));
  return [...claims.values()];
}
