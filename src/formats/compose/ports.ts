import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';

/** The ports that a Compose service publishes, container's port → port on the machine ('' where the engine chooses). */
export function publishedPorts(service: JsonObject): Map<string, string> {
  const found = new Map<string, string>();
  for (const one of listOf(service['ports'])) {
    const whole = typeof one === 'object' ? objectOf(one) : undefined;
    const parts = textOf(one)
      .replace(/\/\w+$/, '')
      .replace(/\$\{\w+:?-(\d+)\}/g, '$1')
      .split(':');
    const inside = whole ? textOf(whole['target']) : (parts.at(-1) ?? '');
    found.set(inside, whole ? textOf(whole['published']) : (parts.at(-2) ?? ''));
  }
  return found;
}
