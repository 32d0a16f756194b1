import { posix } from 'node:path';
import type { Link, MarkdownDocument } from '../formats/documents/markdown.ts';
import { isBuilt, isHistory, namesFile } from '../formats/documents/path-text.ts';
import { suggest } from '../core/suggest.ts';
import { Repository } from '../repository/repository.ts';
import { hasGenerator, isAliased, siteOf, type Site } from './sites.ts';
import { doubt, holds, unjudged, wrong, type Claim, type Reading, type Verdict } from './reading.ts';
import { lettersOf, percentDecoded } from '../core/patterns.ts';

/** `ideas-octocat`: what all-contributors credits. Source: its emoji key. */
const creditOf =
  /^(?:a11y|audio|blog|business|bug|code|content|data|design|docs?|example|eventOrganizing|financial|fundingFinding|ideas|infra|maintenance|mentoring|platform|plugin|projectManagement|promotion|question|research|review|security|talk|test|tool|translation|tutorial|userTesting|video)-[\w-]+$/;
/** The sentence itself says that it may not be there. */
const saysSo =
  /\bif it exists\b|\b(?:coming soon|not yet (?:written|there|available)|to be (?:written|added))\b|\((?:planned|todo|tbd)\)/i;
/** Pages of a repository on GitHub. */
const ofGitHub = /^(?:\.\.\/)*(?:issues|pulls|wiki|actions|discussions|graphs|stargazers|network)(?:\/|$)/;
const isMarkdown = (path: string): boolean => /\.(?:md|markdown|mdx)$/i.test(path);
/** What a document says by its relative links, images and anchors. */
export async function linkClaims({ repository, document, parsed }: Reading): Promise<Claim[]> {
  const reader = new Links(repository, document, parsed, await siteOf(repository, document));
  const claims: Claim[] = [];
  for (const link of parsed.links) {
    // `[CONTRIBUTING.md](CONTRIBUTING.md) (to be created)`
    if (/\((?:to be (?:created|written|added)|coming soon|planned|todo|tbd)\)/i.test(parsed.prose[link.line - 1] ?? ''))
      continue;
    const claim = await reader.judge(link);
    if (claim) claims.push(claim);
  }
  return claims;
}

class Links {
  readonly #repository: Repository;
  readonly #document: string;
  readonly #anchors: Map<string, readonly string[]>;
  readonly #site: Site | undefined;

  constructor(repository: Repository, document: string, parsed: MarkdownDocument, site: Site | undefined) {
    this.#repository = repository;
    this.#document = document;
    this.#anchors = new Map([[document, parsed.anchors]]);
    this.#site = site;
  }

  async judge(link: Link): Promise<Claim | undefined> {
    const href = link.href.trim();
    if (/^[a-z][\w+.-]*:|^\/\/|[{}<>$`]|::|@/i.test(href) || href === '' || href === '#') return undefined;
    const [beforeHash = '', fragment = ''] = href.split(/#(.*)/s);
    const path = percentDecoded(beforeHash.replace(/\?.*$/s, ''));
    const base = { line: link.line, text: href };
    if (path === '' && creditOf.test(fragment) && (await this.#creditsAll())) return undefined;
    if (path === '') return { kind: 'anchor', ...base, ...(await this.#anchor(this.#document, fragment)) };
    const found = await this.#find(path);
    if (found.state !== 'holds' && saysSo.test(link.context)) return { kind: 'link', ...base, ...unjudged(found.seen) };
    if (found.state !== 'holds') return { kind: 'link', ...base, ...found };
    // Several files may end alike: which one is meant is not known.
    const guessed = found.seen !== Repository.join(path.startsWith('/') ? '' : posix.dirname(this.#document), path);
    if (
      fragment === '' ||
      !isMarkdown(found.seen) ||
      (guessed &&
        this.#repository.files.filter((one) => one.endsWith(`/${posix.basename(found.seen)}`)).length > 1 &&
        path.startsWith('/'))
    )
      return { kind: 'link', ...base, ...found };
    return { kind: 'anchor', ...base, ...(await this.#anchor(found.seen, fragment)) };
  }

  /** Its list of contributors is made by all-contributors, whose links on what somebody did lead nowhere by design. */
  async #creditsAll(): Promise<boolean> {
    return /all-contributors/i.test((await this.#repository.doors.files.readIfThere(this.#document)) ?? '');
  }

  async #hasHead(): Promise<boolean> {
    return /^---\r?\n[\s\S]*?\n---/.test((await this.#repository.doors.files.readIfThere(this.#document)) ?? '');
  }

  async #find(path: string): Promise<Verdict> {
    const fromRoot = path.startsWith('/');
    const own = posix.dirname(this.#document);
    const target = Repository.join(fromRoot ? '' : own, fromRoot ? path.slice(1) : path);
    // GitHub itself: ../../issues, ../../wiki; on a page of the root without the dots.
    if (ofGitHub.test(path) && !namesFile(path) && !(await this.#repository.there(target ?? path)))
      return unjudged('a page of GitHub');
    if (target === undefined) {
      const outside = await this.#repository.doors.files.kind(posix.join(own, path));
      const inside = path.replace(/^(?:\.{1,2}\/)+/, '');
      if (outside === 'missing' && namesFile(inside) && (await this.#repository.there(inside)))
        return wrong('it leads out of the repository', `write ${posix.relative(own, inside)}`);
      return outside === 'missing' ? unjudged('it leads out of the repository') : holds(path);
    }
    if (await this.#repository.there(target)) return holds(target === '' ? '.' : target);
    // A site's generator leaves the ending out, or turns .md into .html.
    const stem = target.replace(/\.html$/, '');
    for (const one of [`${stem}.md`, `${stem}.mdx`, `${stem}/index.md`, `${stem}/README.md`, `${stem}/_index.md`])
      if (await this.#repository.there(one)) return holds(one);
    if (isBuilt(target) || (await this.#repository.isIgnored(target)))
      return unjudged('a build makes it, or git ignores it');
    // The page of a route is one of the site's: another kind of file with its name is none.
    const near = this.#repository.nearest(target);
    const hint = near === undefined ? undefined : `did you mean ${posix.relative(own, near)}?`;
    const tail = path.replace(/^\//, '');
    const page = this.#site && path.endsWith('.html') ? tail.replace(/html$/, 'md') : undefined;
    const ofSite = page === undefined ? undefined : await this.#repository.findBySuffix(page);
    if (ofSite !== undefined) return holds(ofSite);
    if (this.#site !== undefined && !namesFile(path) && (await this.#site.hasPage(path)) === false)
      return doubt(`no page of the site is called ${posix.basename(stem)}`, hint ?? 'name a page that is there');
    if (await isAliased(this.#repository)) return unjudged('docsify gives routes other names');
    const suffix =
      this.#site !== undefined || fromRoot || this.#document.startsWith('.github/')
        ? await this.#repository.findBySuffix(tail)
        : undefined;
    if (suffix !== undefined) return holds(suffix);
    const seen = `${target} is not there`;
    const gone = this.#repository.missingFolder(target);
    const of = (verdict: Verdict): Verdict => ({ ...verdict, ...(gone !== undefined && { cause: gone }) });
    // A site's relative links may count from the page's address, and its root is another.
    if (isHistory(this.#document) && !this.#site) return of(doubt(seen, hint));
    if (this.#site) {
      // A folder that is not there at all is a route, or another site beside this one.
      if (namesFile(path) && !path.endsWith('.html'))
        return fromRoot || gone !== undefined ? unjudged(seen) : of(doubt(seen, hint));
      return unjudged(seen);
    }
    const sure = namesFile(path) && !fromRoot && !path.endsWith('.html') && !this.#document.startsWith('.github/');
    if (sure) return of(wrong(seen, hint));
    // A page with a head of its own is one of a site, whose routes are not known here.
    if (fromRoot && !namesFile(path) && (await this.#hasHead())) return unjudged(seen);
    if (path.endsWith('.html') && (await hasGenerator(this.#repository))) return unjudged('a generator may make it');
    return /[./]/.test(path) ? of(doubt(seen, hint)) : unjudged(seen);
  }

  async #anchor(file: string, fragment: string): Promise<Verdict> {
    const wanted = percentDecoded(fragment).replace(/^user-content-/, '');
    if (wanted === '' || wanted === 'top' || wanted === 'readme' || /^L\d+|^:~:|^fn|^[!/]/.test(wanted))
      return holds(file);
    if (await this.#repository.isTooLarge(file)) return unjudged('its document is too large to be read');
    const anchors = await this.#anchorsOf(file);
    if (anchors.includes(wanted) || anchors.some((one) => one.toLowerCase() === wanted.toLowerCase()))
      return holds(`${file}#${wanted}`);
    const near = anchors.find((one) => lettersOf(one) === lettersOf(wanted));
    const meant = near ?? suggest(wanted, anchors);
    const seen = `${file} has no heading or anchor #${wanted}`;
    // A table of contents that does not fit its document is one thing.
    const one = { cause: `anchors of ${file}`, more: ', nor {n} more that links name' };
    const hint = meant === undefined ? 'name a heading that is there' : `did you mean #${meant}?`;
    // A label is the whole site's; what is written like code is an object of its reference.
    if (file === this.#document && this.#site?.labels === true) {
      if (await this.#site.hasLabel(wanted)) return holds(`a page of the site has the label ${wanted}`);
      if (/[A-Z.:/\s]|^std/.test(wanted)) return unjudged('it may be an object of the reference');
    }
    // docutils leaves what stands before the first letter away.
    if (this.#site && anchors.some((one) => one.replace(/^[^a-z]+/i, '') === wanted)) return holds(`${file}#${wanted}`);
    if (this.#site) {
      // Plugins make anchors that are no slugs: `#config.blog_dir`, `#Options-prefix`.
      if (!/^[\p{L}\p{M}\p{N}_-]+$/u.test(wanted) || /[A-Z]/.test(wanted) || (await this.#isFilledIn(file)))
        return unjudged('a plugin of the site may make it');
      return near === undefined ? { ...doubt(seen, hint), ...one } : holds(`${file}#${near}`);
    }
    return { ...(isHistory(this.#document) ? doubt : wrong)(seen, hint), ...one };
  }

  /** Has the page places that a site fills: by another file, or with names from the sources (MkDocs: `::: module.name`)? */
  async #isFilledIn(file: string): Promise<boolean> {
    const text = (await this.#repository.doors.files.readIfThere(file)) ?? '';
    return (
      /<!-{2}\s*@include:|^\s*(?:\{\{?\s*#?include|\{%-?\s*include|-+8<-+)/m.test(text) ||
      (/^:::\s+\w/m.test(text) && this.#repository.files.some((one) => /(?:^|\/)mkdocs\.ya?ml$/.test(one)))
    );
  }

  async #anchorsOf(file: string): Promise<readonly string[]> {
    const known = this.#anchors.get(file);
    if (known) return known;
    const { anchors } = await this.#repository.document(file);
    this.#anchors.set(file, anchors);
    return anchors;
  }
}
