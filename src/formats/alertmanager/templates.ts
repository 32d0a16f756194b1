import { suggest } from '../../core/suggest.ts';
import { objectOf } from '../data/json-parts.ts';
import type { Place } from './matchers.ts';

// Source: Alertmanager's notification template reference: Data, Alert, KV, Pair.
const fields = new Set(
  `Receiver Status Alerts GroupLabels CommonLabels CommonAnnotations ExternalURL NotificationReason RouteLabels RouteAnnotations
  Labels Annotations StartsAt EndsAt GeneratorURL Fingerprint Firing Resolved SortedPairs Remove Names Values Name Value`.split(
    /\s+/,
  ),
);

/** Texts of receivers that a notification cannot be made of, each with why. A field counts only where it is a slip of a known one. */
export function brokenTexts(receivers: unknown): { at: Place; why: string }[] {
  const found: { at: Place; why: string }[] = [];
  const visit = (value: unknown, at: Place): void => {
    if (typeof value === 'string') {
      const why = value.includes('{{') ? faultOf(value) : undefined;
      if (why !== undefined) found.push({ at, why });
    } else if (Array.isArray(value)) for (const [n, one] of value.entries()) visit(one, [...at, n]);
    else for (const [key, one] of Object.entries(objectOf(value))) visit(one, [...at, key]);
  };
  visit(receivers, ['receivers']);
  return found;
}

/** Labels and annotations that the texts of receivers ask for by name, each with its first place. */
export function askedInTexts(receivers: unknown): { kind: 'label' | 'annotation'; name: string; at: Place }[] {
  const found = new Map<string, { kind: 'label' | 'annotation'; name: string; at: Place }>();
  const visit = (value: unknown, at: Place): void => {
    if (typeof value === 'string')
      for (const [, of = '', name = ''] of value.matchAll(/\.(?:Common|Group)?(Label|Annotation)s\.(\w+)/g)) {
        const kind = of === 'Label' ? 'label' : 'annotation';
        if (!found.has(`${kind} ${name}`)) found.set(`${kind} ${name}`, { kind, name, at });
      }
    else
      for (const [key, one] of Object.entries(value ?? {}))
        visit(one, [...at, Array.isArray(value) ? Number(key) : key]);
  };
  visit(receivers, ['receivers']);
  return [...found.values()];
}

function faultOf(text: string): string | undefined {
  if (text.lastIndexOf('{{') > text.lastIndexOf('}}'))
    return `"${text.slice(text.lastIndexOf('{{')).trim().slice(0, 40)}" is not closed`;
  for (const [action, inner = ''] of text.matchAll(/\{\{(.*?)\}\}/gs))
    for (const [, field = ''] of inner
      .replace(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""')
      .matchAll(/(?<![\w$)\].])\.([A-Z]\w*)/g)) {
      const meant = fields.has(field) ? undefined : suggest(field, fields);
      // Behind `with` the dot is a label or an annotation of any name.
      if (meant !== undefined && !/\{\{-?\s*with\b/.test(text))
        return `.${field} in ${action} is not a field; is it .${meant}?`;
    }
  return undefined;
}
