const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);

interface Libraries {
  '@grafana/lezer-logql': typeof import('@grafana/lezer-logql');
  '@humanwhocodes/momoa': typeof import('@humanwhocodes/momoa');
  '@prometheus-io/lezer-promql': typeof import('@prometheus-io/lezer-promql');
  'dockerfile-ast': typeof import('dockerfile-ast');
  'github-slugger': typeof import('github-slugger');
  'mdast-util-from-markdown': typeof import('mdast-util-from-markdown');
  'mdast-util-gfm': typeof import('mdast-util-gfm');
  'micromark-extension-gfm': typeof import('micromark-extension-gfm');
  picomatch: typeof import('picomatch');
  re2js: typeof import('re2js');
  saxes: typeof import('saxes');
  'smol-toml': typeof import('smol-toml');
  unbash: typeof import('unbash');
}

/**
 * A parser that only running steps need, loaded when it is first asked for: `plan` and `lint` load the step types alone, and take
 * a fifth less. Call it where the library is used, not at the top of a module.
 */
export function library<Name extends keyof Libraries>(name: Name): Libraries[Name] {
  return require(name) as Libraries[Name];
}
