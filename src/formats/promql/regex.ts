import { library } from '../data/libraries.ts';

/**
 * A regular expression of a matcher, of `label_replace` or of a relabelling: RE2 syntax, anchored at both ends, `.` takes line
 * breaks. Unlike JavaScript's, it never takes for ever. Source: prometheus/model/labels/regexp.go.
 */
export interface AnchoredRegex {
  test(text: string): boolean;
  /** The text with `$1` and `${name}` filled in by what its groups took of `text`; undefined where it does not match. */
  expand(text: string, into: string): string | undefined;
}

const read = new Map<string, AnchoredRegex | { refused: string }>();

function kept(pattern: string): AnchoredRegex | { refused: string } {
  const before = read.get(pattern);
  if (before) return before;
  if (read.size > 10_000) read.clear();
  const made = compiled(pattern);
  read.set(pattern, made);
  return made;
}

/** undefined: Prometheus refuses it. */
export function anchoredRegex(pattern: string): AnchoredRegex | undefined {
  const made = kept(pattern);
  return 'refused' in made ? undefined : made;
}

/** Why Prometheus refuses a pattern; undefined where it does not. */
export function regexFault(pattern: string): string | undefined {
  const made = kept(pattern);
  return 'refused' in made ? made.refused : undefined;
}

function compiled(pattern: string): AnchoredRegex | { refused: string } {
  const { RE2JS } = library('re2js');
  let whole: ReturnType<typeof RE2JS.compile>;
  try {
    whole = RE2JS.compile(`^(?s:${pattern})$`);
  } catch (error) {
    return { refused: String(error).replace(/^.*error parsing regexp: /, '') };
  }
  return {
    test: (text) => whole.testExact(text),
    expand(text, into) {
      const matcher = whole.matcher(text);
      if (!matcher.matches()) return undefined;
      const names = whole.namedGroups();
      return into.replace(/\$(?:(\$)|\{(\w+)\}|(\w+))/g, (_, dollar?: string, braced?: string, bare?: string) => {
        if (dollar !== undefined) return '$';
        const name = braced ?? bare ?? '';
        const group = /^\d+$/.test(name) ? Number(name) : (names[name] ?? Infinity);
        return group <= matcher.groupCount() ? (matcher.group(group) ?? '') : '';
      });
    },
  };
}
