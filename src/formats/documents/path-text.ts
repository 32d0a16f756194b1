/** Endings that make a text a file's name. */
const endings =
  'adoc asm avif avsc bash bat bazel bzl c cc cfg cmake conf cpp cs css csv cue cxx d dart dockerfile env erb ex exs fish gif go gradle graphql h hcl hpp hs htm html hurl ico ini ipynb j2 java jinja jpeg jpg js json json5 jsonc jsonl jsx jsonnet just kt kts libsonnet lock lua m md mdx mjs cjs mk ml mm mod mp4 nix patch pdf php pl plist png po pp prisma properties proto ps1 pug py pyi r rb rego rs rst s sass scala scss service sh sql sum svelte svg swift tf tfvars tmpl tf.json toml ts tsx tsv txt vue wasm webm webp xml yaml yml zig zsh'.split(
    ' ',
  );
const fileEnding = new RegExp(`\\.(?:${endings.join('|')})$`, 'i');
const fileNames =
  /^(?:Dockerfile(?:\.\w+)?|Containerfile|Makefile|GNUmakefile|Justfile|justfile|Procfile|Vagrantfile|Jenkinsfile|Gemfile|Rakefile|LICENSE|NOTICE|CODEOWNERS|CHANGELOG|\.gitignore|\.dockerignore|\.editorconfig|go\.mod|go\.sum)$/;
const mime = /^(?:application|audio|font|image|message|model|multipart|text|video)\/[\w.+*-]+$/;
const domain = /^(?:[\w-]+\.)+(?:com|org|io|dev|net|ai|rs|sh|app|gov|edu|co|so|me|cloud|run|xyz|uk|de|eu)$/i;
const placeholder =
  /(?:^|\/)(?:path\/to|your[-_.]?|Your(?=[A-Z])|my[-_]|some[-_]|foo|bar|baz|qux|x{3,}|username|project-name)|goes[-_]here|name[-_]?(?:goes[-_])?here|name[-_]of[-_]|(?:^|[/_.-])(?:N+|X+|Y{2,}|MM|DD|NAME|ID|TIMESTAMP|DATE|VERSION|HASH|YYYY(?:[-_]?MM(?:[-_]?DD)?)?(?:[-_T]?HH[-_]?MM(?:[-_]?SS)?)?|DD[-_]?MM[-_]?YYYY)(?:$|[/_.-])|\*\*\*|(?:^|[/_.-])(?:something|whatever|anything)(?:$|[/_.-])/;
const builds =
  /(?:^|\/)(?:target|dist|build|out|node_modules|coverage|__pycache__|\.venv|venv|\.next|\.cache|\.git|tmp|obj|vendor|\.terraform|site|_site|\.pytest_cache)(?:\/|$)/;

/** `src/MONITORING_TYPE.js`: sources are hardly called so; it stands for a name that the reader chooses. */
const inCapitals = /(?:^|\/)[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|vue|svelte|cs)$/;

/** Is it the name of a file, by its ending or as names go? */
export const namesFile = (path: string): boolean => {
  const last = path.split('/').at(-1) ?? '';
  return fileEnding.test(last) || fileNames.test(last);
};

/** Does it lie in a folder that builds fill? */
export const isBuilt = (path: string): boolean => builds.test(path);

/** `a/{b,c}.json` → both; nested braces too. A text without a list is given back alone. */
export function expandBraces(text: string): string[] {
  const open = text.indexOf('{');
  if (open < 0) return [text];
  const parts: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let at = open; at < text.length; at++) {
    const c = text[at];
    if (c === '{') depth++;
    else if (c === ',' && depth === 1) {
      parts.push(text.slice(from, at));
      from = at + 1;
    } else if (c === '}' && --depth === 0) {
      parts.push(text.slice(from, at));
      if (parts.length < 2 || parts.length > 100) return [text];
      const rest = expandBraces(text.slice(at + 1));
      return parts.flatMap((part) =>
        expandBraces(text.slice(0, open) + part.trim()).flatMap((head) => rest.map((tail) => head + tail)),
      );
    }
  }
  return [text];
}

/** Is it data of a test, or a form to be filled in? Its links and paths are none of this repository's. */
export const isSample = (document: string): boolean =>
  /(?:^|\/)(?:__\w+__|fixtures?|testdata|test[-_]?(?:data|cases|files)|snapshots?|goldens?|_?templates?|\w*_TEMPLATE|skeletons?|boilerplates?|scaffold\w*|cookiecutter[\w-]*|prompts?|vendor|third[-_]?party|node_modules)\//i.test(
    document,
  ) ||
  /(?:^|\/)\.[\w-]+\/(?:.*\/)?(?:agents?|commands?|skills?|rules|hooks|workflows?)\//.test(document) ||
  /(?:^|\/)(?:tests?|e2e)\/(?:[^/]+\/)+(?!README)[^/]+$|(?:^|[/_-])(?:template|TEMPLATE)\.mdx?$/.test(document);

/** A list of what is to go is done once it is gone. */
const ofCleaning = /(?:^|[/_-])(?:clean-?ups?|dead-?code|unused|duplicat(?:es?|ion)|bloat)(?=[/_.-])[^/]*$/i;

/** Does it tell of versions that have been: a changelog, a post? An audit, an archive and a guide to an upgrade may still be held to what is there. */
export const isPast = (document: string): boolean =>
  ofCleaning.test(document) ||
  (isHistory(document) &&
    !/(?:migrat|upgrad|releas)\w*[^/]*$|(?:^|[/_-])audits?[/_-]|(?:^|\/)versioned_docs\//i.test(document));

/** Does the document tell of the past, which names what is no more? */
export const isHistory = (document: string): boolean =>
  /(?:^|\/)(?:\d+[-_. ]+)?(?:changelog|changes|history|news|releases?|release[-_ ]?notes?|migrat\w*|upgrad\w*|deprecat\w*|breaking[-_ ]?changes?)(?![a-z])[^/]*$|(?:^|\/)(?:\d+[-_. ]+)?(?:blogs?|_?posts|changelogs?|\.changes(?:ets?)?|changelog\.d|release[-_ ]?notes?|releases|migrat\w*|upgrad\w*|versioned_docs|\.?archived?(?:[-_]\w+)*|superseded|obsolete|deprecated|legacy)\/|(?:^|[/_-])audits?[/_-](?:[^/]*\b20\d\d\b|v?\d+\.\d|phase[-_.\d])|[_-]20\d{6}[_T-]\d{4,6}\.\w+$/i.test(
    document,
  );

export interface PathText {
  /** Brace lists expanded, place in the file taken away. */
  paths: string[];
  /** Line named by `path:12` or `path#L12`. */
  line: number | undefined;
}

/**
 * Reads a text as a path of the repository; undefined where it is something else: a URL, a route, a media type, an absolute or
 * home path, a variable, a placeholder, code.
 */
export function readPath(text: string): PathText | undefined {
  const place = /(?::|#L)(\d+)(?:[-:,]L?\d+)*$/.exec(text);
  const bare = (place ? text.slice(0, place.index) : text)
    .replace(/\{[^{}]*\}/g, (list) => list.replace(/\s+/g, ''))
    .trim();
  if (bare === '' || /\s/.test(bare) || /^[/~$@#%+-]/.test(bare)) return undefined;
  if (/[<>()="';|&\\!^%$`:#…]|\/\/|\.\.\.|\{\{/.test(bare)) return undefined;
  const paths = expandBraces(bare);
  // `{/health, /metrics}` is a list of routes.
  if (paths.some((path) => /^\/|[{},]/.test(path))) return undefined;
  const [first = ''] = bare.split('/');
  if (!paths.every((path) => path.includes('/') || namesFile(path)) || /^\.\w+$/.test(bare)) return undefined;
  if ((mime.test(bare) && !namesFile(bare)) || (bare.includes('/') && domain.test(first))) return undefined;
  if (/^(?:[\w-]+\/)+[a-z]\w*\.[A-Z]\w*$/.test(bare) && !namesFile(bare)) return undefined;
  // `x.h/.cpp`: two files in short.
  if (/\.\w+\/\.\w+$/.test(bare)) return undefined;
  if (inCapitals.test(bare)) return undefined;
  if (placeholder.test(bare) || /^(?:[\w]\/)+[\w]$/.test(bare) || /^[\d./-]+$/.test(bare)) return undefined;
  return { paths, line: place ? Number(place[1]) : undefined };
}

export const isGlob = (path: string): boolean => /[*?[]/.test(path);

const absent =
  /\b(?:no longer|not (?:yet|exist|wired|there|present|committed|tracked|checked in|included|implemented|part of)|do(?:es)?n['’]t exist|coming soon|removed?|removes|deleted?|deletes|dropped|gone|generates?|generated|produces?|produced|writes?|written|outputs?|emits?|emitted|creates|created (?:by|during|when)|will|would|planned|plan to|future|to ?do|tbd|renamed?|retired|moved from|formerly|previously|used to|replaces|replacing|deprecated|obsolete|missing|absent|git-?ignored?|ignored|temporary|instead of|rather than|uploads?|downloads?|branch|branches|upstream|after (?:the|each|a|every) (?:run|tests?|build|benchmark|training)|was (?:an? )?(?:duplicate|copy|merged|folded|split)|another repo(?:sitory)?|other repo(?:sitory)?|(?:as|an?|ci|workflow|build|uploaded) artifacts?|should(?: not|n['’]t)|precedence|in the container|inside the container|in the [\w'’]+ (?:home|install\w*|working) (?:directory|folder)|docker image|if (?:it |they |present|there|any|exists?|implemented|available)|eventually|populated|not in this repo|ha(?:s|ve) no|there (?:is|are|was|were) no|without (?:an?|any)|no such|in the\s{2,}repo(?:sitory)?|save[ds]? (?:it |this |them )?(?:to|as|in|under|into)|(?:persist(?:s|ed)?|collected|logs?|logged|cached|backed up)(?: \w+)? (?:to|in|under|into)|(?:to|should) be (?:created|added|written|made|placed|stored|put|kept|saved))\b|\(new\)|新規|新增|新建|削除|删除|予定|計画|计划|廃止|リネーム|今後|созда(?:й|ть|дим|ди|ваемы)|добав(?:ь|ить)|напиши|удал[её]н|планируе|будет|будут/i;
/** A sentence that has the reader make it: "Create a file …", "then put your rules into …". */
const makes =
  /(?:^|[.:;,]\s+|\b(?:then|and|now|first|next|must|should|can|to|or|you)\s+|[-*+]\s+|\d[.)]\s+)(?:please\s+)?(?:(?:create|add|put|place|save|write|copy|make|name|call|rename)\b|\**(?:document|record|log|store|keep)(?: [\w(),*-]+){1,5} (?:in|to|into)\b)/i;
const doubtful =
  /\b(?:e\.g|for example|for instance|examples?|such as|like|you|your|copy|copied|add|put|place|save|create|make|optional|optionally|legacy|old|was|were|should|must|could|may|can|configure|default|defaults|stored?|project's|module|package|crate|image|tag|could not|cannot|unless|when)\b/i;
const elsewhere =
  /\b(?:to ?do|planned|future|proposed|proposal|out of scope|removed|deleted|deprecated|migrat\w+|changelog|history|example|usage|how to add|adding|template|unreleased|deferred)\b/i;

/**
 * Does the sentence itself account for a path that is not there? `absent`: it says so (removed, generated, not yet); `doubtful`:
 * it may speak of the reader's own files, or of something that has yet to be made.
 */
export function excuseOf(context: string, heading: string): 'absent' | 'doubtful' | undefined {
  const words = context.replace(/`[^`]*`/g, ' ').replace(/\]\([^)]*\)/g, ' ');
  // What ends in a colon introduces the text of a file that the reader is to write.
  if (absent.test(words) || makes.test(words) || /(?:^[^`]*|`[^`,]*):[*_]*\s*$/.test(context)) return 'absent';
  return doubtful.test(words) || elsewhere.test(heading) ? 'doubtful' : undefined;
}

const unsaid =
  /^\W*(?:add|implement|introduce)\s{2,}|\b(?:do(?:es)? not|do(?:es)?n['’]t|no longer|never|not yet|wrong(?:ly)?|instead of|rather than|previously|formerly|used to|removed|deprecated|planned|future|to ?do|fails?|failed|refuse[sd]?|e\.g|for example|for instance|such as|would|must|equivalent|another project|other project)\b/i;
const notNow =
  /\b(?:to ?do|planned|future|proposed|proposal|out of scope|removed|deprecated|migrat\w+|changelog|history|template|deferred|contributing to|road ?map|coming(?= soon|\)|$))\b/i;

/** May the command be one that is not meant to work here, by what the sentence or the heading says? */
export function commandIsExcused(context: string, heading: string): boolean {
  return unsaid.test(context.replace(/`[^`]*`/g, ' ')) || notNow.test(heading);
}
