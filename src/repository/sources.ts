import { posix } from 'node:path';
import { escapeRegex } from '../core/patterns.ts';
import type { Tree } from '../core/tree.ts';
import type { ComposeFile } from '../formats/compose/written.ts';
import { composeFiles } from './compose-files.ts';
import { submodulesOf, type Repository } from './repository.ts';

const prose = /\.(?:md|markdown|mdx|rst|adoc|asciidoc|org|txt|html?|pdf|svg|ipynb)$/i;
const notText =
  /\.(?:png|jpe?g|gif|webp|ico|woff2?|ttf|otf|eot|zip|gz|xz|bz2|tgz|jar|class|so|dylib|dll|exe|bin|wasm|mp4|mp3|mov|parquet|onnx|db|sqlite|pyc|lock|sum|map|a|o|rlib|tar|deb|rpm|dat|csv|tsv|jsonl|snap|min\.js|min\.css)$|(?:^|\/)(?:package-lock\.json|pnpm-lock\.yaml|npm-shrinkwrap\.json)$/i;
const notOurs = /(?:^|\/)(?:node_modules|vendor|third[-_]party|target|\.git|\.venv|site-packages|__pycache__)(?:\/|$)/;
/** Bytes of one file and of all of them: what is longer is data. */
const maxFile = 2_000_000;
const maxAll = 64_000_000;

/** Path → text of the repository's code and configuration, documents left out; `whole`: all but what is data by its length. */
export function sourceTexts(tree: Tree): { texts: ReadonlyMap<string, string>; whole: boolean } {
  const texts = new Map<string, string>();
  let bytes = 0;
  for (const path of tree.paths) {
    if (prose.test(path) || notText.test(path) || notOurs.test(path)) continue;
    const size = tree.size(path) ?? 0;
    bytes += size > maxFile ? 0 : size;
    if (bytes > maxAll) return { texts, whole: false };
    const text = size > maxFile ? undefined : tree.text(path);
    if (text !== undefined) texts.set(path, text);
  }
  return { texts, whole: true };
}

const clone =
  /git clone\s+(?:--?[\w-]+(?:[= ](?:\d+|[\w./-]+(?=\s+(?:https?:|git@))))?\s+)*["']?(?:https?:\/\/|git@)\S+?\/([\w.-]+?)(?:\.git)?["']?(?:[ \t]+["']?([\w./-]+)["']?)?[ \t]*(?:[;&|)\\]|$)/gm;

/** Folders that scripts clone into the checkout, and that other files then go into or build. */
function clonedIn(texts: ReadonlyMap<string, string>): string[] {
  const all = [...texts].filter(([path]) => /\.(?:sh|bash|mk|ya?ml)$|(?:^|\/)(?:Makefile|[Jj]ustfile)$/.test(path));
  const folders = all.flatMap(([, text]) =>
    text.includes('git clone') ? [...text.matchAll(clone)].map(([, name = '', given]) => given ?? name) : [],
  );
  return [...new Set(folders)].filter((one) => {
    const used = new RegExp(`(?:\\bcd |build: |context: )["']?(?:\\./)?${escapeRegex(one)}/?["']?\\s`);
    return !/^\.*\//.test(one) && all.some(([, text]) => used.test(text));
  });
}

/** Words of files (letters, digits and underscores), each once, and all of them as one text. */
export interface Words {
  all: ReadonlySet<string>;
  joined: string;
}
function wordsOf(texts: ReadonlyMap<string, string>): Words {
  const all = new Set<string>();
  for (const text of texts.values()) for (const word of text.match(/\w+/g) ?? []) all.add(word);
  return { all, joined: [...all].join(' ') };
}

/** What the repository's code and configuration say, documents left out. */
export class Sources {
  readonly #repository: Repository;
  #texts: Promise<ReadonlyMap<string, string>> | undefined;
  readonly #known = new Map<string, Promise<boolean>>();
  readonly #matching = new Map<string, Promise<ReadonlyMap<string, string>>>();
  readonly #words = new Map<string, Promise<Words>>();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Path → text, read once. */
  texts(): Promise<ReadonlyMap<string, string>> {
    return (this.#texts ??= this.#read());
  }

  /** The texts of the files whose path matches. */
  matching(path: RegExp): Promise<ReadonlyMap<string, string>> {
    const found =
      this.#matching.get(String(path)) ??
      this.texts().then((texts) => new Map([...texts].filter(([name]) => path.test(name))));
    this.#matching.set(String(path), found);
    return found;
  }

  /** The words of the files whose path matches. */
  words(path = /./): Promise<Words> {
    const found = this.#words.get(String(path)) ?? this.matching(path).then(wordsOf);
    this.#words.set(String(path), found);
    return found;
  }

  /** The Compose files among them. */
  async composeFiles(): Promise<(readonly [path: string, file: ComposeFile])[]> {
    const texts = await this.texts();
    return (await this.#repository.tree).get(composeFiles).filter(([path]) => texts.has(path));
  }

  /** Does the word stand in any file, and not only within a longer one? */
  async hasWord(word: string): Promise<boolean> {
    if (!(await this.containText(word))) return false;
    const pattern = new RegExp(`(?<![A-Za-z0-9_])${escapeRegex(word)}(?![A-Za-z0-9_])`);
    return [...(await this.texts()).values()].some((text) => pattern.test(text));
  }

  /** Does the text stand in any file, whatever stands beside it, also within a longer word? */
  containText(text: string): Promise<boolean> {
    const asked = this.#known.get(text) ?? this.#look(text);
    this.#known.set(text, asked);
    return asked;
  }

  async #look(text: string): Promise<boolean> {
    const { joined } = await this.words();
    const parts = text.match(/\w+/g) ?? [];
    // What stands somewhere has each of its words there, or within a longer one.
    if (!parts.every((part) => joined.includes(part))) return false;
    if (parts[0] === text) return true;
    for (const one of (await this.texts()).values()) if (one.includes(text)) return true;
    return false;
  }

  /** Were all files looked into but those that are data by their length? */
  whole = true;
  /** Folders that belong to the project and lie in repositories of their own, which are not here. */
  parts: readonly string[] = [];

  async #read(): Promise<ReadonlyMap<string, string>> {
    const { texts, whole } = (await this.#repository.tree).get(sourceTexts);
    // What lies in a submodule that is not there, or is cloned beside the rest, is not known.
    const { files, doors } = this.#repository;
    this.parts = [...(await submodulesOf(doors)), ...clonedIn(texts)].filter(
      (one) => !files.some((file) => file.startsWith(`${one}/`)),
    );
    this.whole = whole && this.parts.length === 0;
    return texts;
  }

  /** Files with this name, those of the root first. */
  async named(name: string): Promise<[path: string, text: string][]> {
    return [...(await this.texts())]
      .filter(([path]) => posix.basename(path) === name)
      .toSorted(([a], [b]) => a.split('/').length - b.split('/').length);
  }
}
