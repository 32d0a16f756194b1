import { posix } from 'node:path';
import { parseMarkdown } from '../formats/documents/markdown.ts';
import { derivedIfThere } from '../repository/derived.ts';
import type { Repository } from '../repository/repository.ts';

/** What turns documents into a site, by its own file. Each has its slugs and routes. */
const generators =
  /(?:^|\/)(?:mkdocs\.ya?ml|docusaurus\.config\.\w+|book\.toml|_config\.ya?ml|conf\.py|hugo\.(?:toml|ya?ml)|antora\.ya?ml|_sidebar\.md|_index\.md|astro\.config\.\w+|\.?eleventy(?:\.config)?\.\w+|rspress\.config\.\w+|gatsby-config\.\w+|sidebars\.[jt]s|zensical\.toml|_toc\.yml|\.yardopts|_pkgdown\.ya?ml|docfx\.json|mint\.json|Doxyfile|docs\/make\.jl)$|(?:^|\/)\d{1,3}-[\w-]+\/\d{1,3}-[\w-]+\.mdx?$|(?:^|\/)(?:\.vitepress|\.vuepress|[\w-]+\.docc)\//;
/** Those whose pages are the files of the repository, so that a page is known by its file's name. */
const byFile = /(?:^|\/)(?:mkdocs\.ya?ml|docusaurus\.config\.\w+)$|(?:^|\/)\.vitepress\//;
/** What lies elsewhere, such as the README of the root, is read on the repository's own pages. */
const siteFolder = /(?:^|\/)(?:(?:versioned_)?docs?|website|www|site|content|book|pages|guides?|src)\//;
const page = /\.(?:md|mdx|markdown|rst|html?|ipynb|vue|[jt]sx)$/i;

/** A documentation site that a document belongs to. */
export interface Site {
  /** Labels of MyST, which every page can name. */
  labels: boolean;
  hasLabel(label: string): Promise<boolean>;
  /** Has a page the last name of this route? undefined where routes are made otherwise than of files' names. */
  hasPage(route: string): Promise<boolean | undefined>;
}

/** Pages for those who work on the repository itself, by their path. */
const forOwn =
  /(?:^|[/_-])(?:contribut\w*|develop(?:ment|ers?|ing)?|building|hacking|maintain\w*|internals?|architecture|releas\w*|deploy\w*|operat\w*|runbooks?|testing|monitoring|metrics|ops|ci|dev)(?:[/_.-]|$)/i;

/** Folders of pages for readers, whatever these are called but for a page of the project's own work. */
const forReaders =
  /^(?:docs?\/)?(?:guides?|tutorials?|learn|how-?to)\/(?!.*(?:contribut|develop|hacking|maintain|internal|architecture|operat|runbook)[^/]*$)/i;

/** Is it a page of a site that tells readers of their own projects? What it names and runs is theirs. */
export const tellsUsers = async (repository: Repository, document: string): Promise<boolean> =>
  (!forOwn.test(document) || forReaders.test(document)) && (await siteOf(repository, document)) !== undefined;

/** Is there a site's generator in the repository? It makes pages that no document is the source of. */
export const hasGenerator = async (repository: Repository): Promise<boolean> =>
  repository.files.some((file) => generators.test(file)) || (await usesExDoc(repository));

/** ExDoc puts the pages of all folders beside each other, and is named in the project's own manifest. */
const usesExDoc = async (repository: Repository): Promise<boolean> =>
  /:ex_doc\b|\brebar3_ex_doc\b/.test(
    `${await repository.doors.files.readIfThere('mix.exs')} ${await repository.doors.files.readIfThere('rebar.config')}`,
  );

/** Does a page of docsify give routes other names (`alias`)? */
export async function isAliased(repository: Repository): Promise<boolean> {
  for (const file of repository.files)
    if (
      /(?:^|\/)index\.html$/.test(file) &&
      /\$docsify\s*=[\s\S]*\balias\s*:/.test((await repository.doors.files.readIfThere(file)) ?? '')
    )
      return true;
  return false;
}

const known = new WeakMap<Repository, Promise<Site | undefined>>();

/** The site of the repository, where `document` belongs to it. Its pages are read once, and only where a link asks for it. */
export async function siteOf(repository: Repository, document: string): Promise<Site | undefined> {
  if (!siteFolder.test(document)) return undefined;
  const site = known.get(repository) ?? open(repository);
  known.set(repository, site);
  return site;
}

async function open(repository: Repository): Promise<Site | undefined> {
  const files = repository.files.filter((file) => generators.test(file));
  if (files.length === 0 && !(await usesExDoc(repository))) return undefined;
  const { readIfThere } = repository.doors.files;
  const texts = await Promise.all(
    files.filter((file) => /conf\.py$|config\.\w+$|\.ya?ml$/.test(file)).map((file) => readIfThere(file)),
  );
  const whole = texts.join('\n');
  let names: Promise<Set<string>> | undefined;
  let labels: Promise<Set<string>> | undefined;
  return {
    labels: /myst_(?:parser|nb)/.test(whole),
    hasLabel: async (label) => (await (labels ??= labelsOf(repository))).has(label.toLowerCase()),
    async hasPage(route) {
      // Rewritten and generated routes are no file's.
      if (
        files.length === 0 ||
        !files.every((file) => byFile.test(file)) ||
        /rewrites|typedoc|gen-files|macros|openapi|redirects/.test(whole)
      )
        return undefined;
      const last = nameOf(route);
      return last === '' ? undefined : (await (names ??= pagesOf(repository))).has(last);
    },
  };
}

/** The last name of a route or path, without its ending and without a number that orders it. */
const nameOf = (path: string): string =>
  posix
    .basename(path.replace(/[#?].*$/, '').replace(/\/+$/, ''))
    .replace(/\.\w+$/, '')
    .replace(/^\d+[-_.]\s*/, '')
    .toLowerCase();

async function pagesOf(repository: Repository): Promise<Set<string>> {
  const names = new Set([...repository.folders].map(nameOf));
  for (const file of repository.files) {
    if (!page.test(file)) continue;
    names.add(nameOf(file));
    if (!/\.mdx?$/.test(file)) continue;
    const head = ((await repository.doors.files.readIfThere(file)) ?? '').slice(0, 2000);
    for (const [, own] of head.matchAll(/^(?:slug|id|permalink):\s*["']?([^\s"']+)/gm)) names.add(nameOf(own ?? ''));
  }
  return names;
}

async function labelsOf(repository: Repository): Promise<Set<string>> {
  const labels = new Set<string>();
  for (const file of repository.files) {
    if (!/\.(?:md|rst)$/i.test(file)) continue;
    const text = (await repository.doors.files.readIfThere(file)) ?? '';
    if (file.endsWith('.md'))
      for (const anchor of (await derivedIfThere(repository.doors, file, parseMarkdown))?.anchors ?? [])
        labels.add(anchor.toLowerCase());
    for (const [, label] of text.matchAll(/^\s*\.\. _([^:\n]+):\s*$/gm)) labels.add((label ?? '').toLowerCase());
  }
  return labels;
}
