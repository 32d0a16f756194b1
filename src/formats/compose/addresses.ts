import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import type { Refusal } from './refusal.ts';

/** An IPv4 address as a number; undefined where it is none. */
function v4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  return parts?.every((part) => part < 256) ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
}

/** First and last address of an IPv4 subnet. */
function subnet(text: string): [number, number] | undefined {
  const [base = '', bits = ''] = text.split('/');
  const at = v4(base);
  const size = 2 ** (32 - Number(bits));
  if (at === undefined || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  const first = Math.floor(at / size) * size;
  return [first, first + size - 1];
}

/** Is it the address of the subnet itself, or its broadcast address? */
const isEnd = (range: [number, number] | undefined, at: number): boolean =>
  range !== undefined && range[1] - range[0] > 1 && range.includes(at);

const subnetsOf = (network: unknown): string[] =>
  listOf(objectOf(objectOf(network)['ipam'])['config'])
    .map((one) => textOf(objectOf(one)['subnet']))
    .filter((text) => text !== '');

/** The gateway of a network with one subnet: the first address, unless another is given. */
function gatewayOf(network: unknown): number | undefined {
  const [one, ...more] = listOf(objectOf(objectOf(network)['ipam'])['config']).map(objectOf);
  const range = subnet(textOf(one?.['subnet']));
  if (!one || !range || more.length > 0) return undefined;
  return v4(textOf(one['gateway'])) ?? range[0] + 1;
}

/** Fixed addresses that the engine refuses, and subnets of one project that overlap. */
export function addressProblems(project: JsonObject): Refusal[] {
  const found: Refusal[] = [];
  const networks = objectOf(project['networks']);
  const holders = new Map<string, string>();
  for (const [service, one] of Object.entries(objectOf(project['services']))) {
    for (const [name, attached] of Object.entries(objectOf(objectOf(one)['networks']))) {
      const address = textOf(objectOf(attached)['ipv4_address']);
      const deploy = objectOf(objectOf(one)['deploy']);
      const count = Number(deploy['replicas'] ?? objectOf(one)['scale'] ?? 1);
      const external = objectOf(networks[name])['external'];
      if (address === '' || address.includes('$') || (external !== undefined && external !== false)) continue;
      const refuse = (text: string, hint: string, kind: Refusal['kind'] = 'refused'): void => {
        found.push({ service, text: `${service}: ${text}`, hint, kind });
      };
      const key = `${name} ${address}`;
      const before = holders.get(key);
      const subnets = subnetsOf(networks[name]);
      const at = v4(address);
      if (before !== undefined)
        refuse(`the address ${address} in the network ${name} is ${before}'s already`, 'give it another', 'shared');
      else if (count > 1) refuse(`${count} containers cannot all have the address ${address}`, 'give none', 'shared');
      else if (subnets.length === 0)
        refuse(
          `a fixed address needs a network with a subnet, and ${name} has none`,
          'give the network ipam.config with a subnet that holds the address',
        );
      else if (
        at !== undefined &&
        subnets.some((text) => subnet(text)) &&
        !subnets.some((text) => {
          const range = subnet(text);
          return range && range[0] <= at && at <= range[1];
        })
      )
        refuse(`the address ${address} is outside of ${subnets.join(', ')}, the network ${name}`, 'choose one inside');
      else if (at !== undefined && at === gatewayOf(networks[name]))
        refuse(`the address ${address} is the gateway of the network ${name}`, 'give it another');
      else if (at !== undefined && subnets.some((text) => isEnd(subnet(text), at)))
        refuse(`the engine keeps ${address}, the first or last address of the network ${name}`, 'give it another');
      holders.set(key, before ?? service);
    }
  }
  for (const [name, network] of Object.entries(networks))
    for (const one of listOf(objectOf(objectOf(network)['ipam'])['config']).map(objectOf)) {
      const [text, gateway] = [textOf(one['subnet']), textOf(one['gateway'])];
      const [range, at] = [subnet(text), v4(gateway)];
      const refuse = (why: string, hint: string): void =>
        void found.push({ service: '', text: `the network ${name}: ${why}`, hint, kind: 'refused' });
      if (/^[\d.]+\/(?:3[3-9]|[4-9]\d|\d{3,})$/.test(text))
        refuse(`the subnet ${text} is longer than 32 bits`, 'correct its length');
      if (v4(text) !== undefined) refuse(`the subnet ${text} has no length`, `write it behind a slash: ${text}/24`);
      if (range && at !== undefined && !(range[0] <= at && at <= range[1]))
        refuse(`the gateway ${gateway} is outside of ${text}`, 'choose one inside');
    }
  const ranges = Object.entries(networks).flatMap(([name, network]) =>
    subnetsOf(network).flatMap((text) => {
      const range = subnet(text);
      return range ? [{ name, text, range }] : [];
    }),
  );
  for (const [n, b] of ranges.entries()) {
    const a = ranges
      .slice(0, n)
      .find((one) => one.name !== b.name && one.range[0] <= b.range[1] && b.range[0] <= one.range[1]);
    if (a)
      found.push({
        service: '',
        text: `the networks ${a.name} (${a.text}) and ${b.name} (${b.text}) overlap`,
        hint: 'give each a subnet of its own',
        kind: 'refused',
      });
  }
  return found;
}
