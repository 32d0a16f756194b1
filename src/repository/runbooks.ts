import type { StepContext } from '../core/step.ts';
import { parseMarkdown } from '../formats/documents/markdown.ts';
import type { Rule } from '../formats/prometheus/rule-files.ts';
import { derivedOf } from './derived.ts';
import { percentDecoded } from '../core/patterns.ts';

/** Annotations that lead to a runbook: `runbook`, `runbook_url`, `runbook_md`, `runbookUrl` … */
export const runbooksOf = (rule: Rule): [key: string, value: string][] =>
  Object.entries(rule.annotations).filter(([key, value]) => /^runbook(?:[_-]?\w+)?$/i.test(key) && value.trim() !== '');

/** Where a runbook annotation leads. */
export type Runbook =
  /** Prose, or a link that only the alert's labels complete. */
  | { kind: 'text' | 'template' }
  /** A page of another site, which is not fetched. */
  | { kind: 'external' }
  | { kind: 'file'; path: string; there: boolean; anchor: string; anchored: boolean };

/**
 * Follows a runbook annotation into the repository: a path relative to its root, to the rule file
 * or to a folder above it (the root of a project within the repository), or a link to the
 * repository's own pages (`https://github.com/OWNER/NAME/blob/REF/PATH#anchor`), of which `repository` is OWNER/NAME.
 */
export async function followRunbook(
  value: string,
  ruleFile: string,
  repository: string | undefined,
  ctx: StepContext,
): Promise<Runbook> {
  const text = value.trim();
  if (text.includes('{{')) return { kind: 'template' };
  const own =
    repository === undefined
      ? undefined
      : new RegExp(
          `^https?://[^/]+/${repository.replace(/[.+]/g, '\\$&')}(?:/-)?/(?:blob|tree|raw|src/branch)/[^/]+/(.+)$`,
        ).exec(text)?.[1];
  if (own === undefined && /^[a-z][a-z0-9+.-]*:/i.test(text)) return { kind: 'external' };
  if (own === undefined && (/\s/.test(text) || !/[/#]|\.\w{1,8}$/.test(text))) return { kind: 'text' };
  const [whole = '', anchor = ''] = (own ?? text).split('#');
  const path = percentDecoded(whole.replace(/\?.*$/, '')).replace(/^\.?\/+/, '');
  const beside = `${ruleFile.slice(0, ruleFile.lastIndexOf('/') + 1)}${percentDecoded(whole)}`;
  const folders = ruleFile.split('/').slice(0, -1);
  const above = folders.map((_, n) => [...folders.slice(0, n + 1), path].join('/'));
  for (const candidate of path === '' ? [] : [path, ...above, beside]) {
    const kind = await ctx.files.kind(candidate);
    if (kind === 'directory') return { kind: 'file', path: candidate, there: true, anchor: '', anchored: true };
    if (kind !== 'file') continue;
    const anchors = /\.(?:md|markdown)$/i.test(candidate)
      ? new Set((await derivedOf(ctx, candidate, parseMarkdown)).anchors.map((one) => one.toLowerCase()))
      : undefined;
    const anchored =
      anchor === '' || !anchors || anchors.has(percentDecoded(anchor).toLowerCase()) || /^L\d+/.test(anchor);
    return { kind: 'file', path: candidate, there: true, anchor, anchored };
  }
  return { kind: 'file', path, there: false, anchor, anchored: false };
}

/** OWNER/NAME of the remote `origin` in a git configuration; undefined where there is none. */
export const ownRepository = (gitConfig: string): string | undefined =>
  /\[remote "origin"\][^[]*?\burl\s*=\s*\S*?[:/]([\w.-]+\/[\w.-]+?)(?:\.git)?\s*$/m.exec(gitConfig)?.[1];
