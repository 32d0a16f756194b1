import { one, type Mutant } from '../mutant.ts';

export default [
  one(
    'unformatted code',
    'fmt',
    'unformatted',
    'engram-core/src/tier.rs',
    '    pub fn name(self)',
    '  pub  fn name(self)',
  ),
  one(
    'a lint',
    'clippy',
    'lint',
    'engram-core/src/tier.rs',
    '#[cfg(test)]',
    'pub fn nothing() -> usize {\n    return 0;\n}\n\n#[cfg(test)]',
  ),
  one(
    'a test that fails',
    'tests',
    'test-failed',
    'engram-core/src/tier.rs',
    'Tier::Cold.below(), None',
    'Tier::Warm.below(), None',
  ),
  {
    name: 'a crate without its tests',
    step: 'tests',
    code: 'too-few-tests',
    edits: { 'engram-core/tests/store.rs': '' },
  },
  {
    name: 'tests that do not compile',
    step: 'tests',
    code: 'does-not-compile',
    edits: { 'engram-core/tests/store.rs': 'fn x() -> u8 { "no" }\n' },
  },
] satisfies Mutant[];
