import { inMemory } from '../../src/signoff/bundle.ts';
import { canonicalJson } from '../../src/evidence/digest.ts';
import { namespace } from '../../src/core/sign-off.ts';
import { keys, signerLine, type Asked, type Base, type Vote } from '../rig/signed.ts';
import type { Case } from './case.ts';

const alice: Vote = { by: keys.alice, principal: 'alice@example.org', role: 'release-manager' };
const bob: Vote = { by: keys.bob, principal: 'bob@example.org', role: 'qa' };
const votes =
  (...by: Vote[]) =>
  (base: Base): Asked => ({ bundle: base.signed(undefined, by) });
const everybody = (...lines: string[]): string =>
  [
    signerLine('alice@example.org', keys.alice),
    signerLine('bob@example.org', keys.bob),
    signerLine('carol@example.org', keys.carol),
    ...lines,
  ].join('\n');
const signers = (text: string | undefined): Asked => ({
  files: { signers: { path: '.verify/allowed_signers', text } },
});
const revoked = (data: Buffer | undefined): Asked => ({ files: { revoked: { path: '.verify/revoked', data } } });
const hours = (n: number): number => n * 3_600_000;
const at = (base: Base, ms: number): string => new Date(base.now + ms).toISOString();

/** Who signed, with what, and as whom. Threats A 7–14, 16, 20, 34. */
export const people: Case[] = [
  { name: 'nobody signed', code: 20, says: /0 of 1 approvals in the role qa/, make: votes() },
  { name: 'one of two signed', code: 20, says: /0 of 1 approvals in the role qa/, make: votes(alice) },
  {
    name: 'a rejection',
    code: 20,
    says: /bob@example\.org \(qa\) rejected the run: too slow/,
    make: votes(alice, { ...bob, decision: 'reject', comment: 'too slow' }),
  },
  {
    name: 'an approval, then a rejection by the same key',
    code: 20,
    says: /rejected/,
    make: votes(alice, bob, { ...bob, decision: 'reject' }),
  },
  {
    name: 'enough approvals and a rejection by a third',
    code: 20,
    says: /carol@example\.org \(qa\) rejected/,
    make: votes(alice, bob, { by: keys.carol, principal: 'carol@example.org', role: 'qa', decision: 'reject' }),
  },
  {
    name: 'one key in two roles',
    code: 20,
    says: /0 of 1 approvals in the role release-manager/,
    make: votes(alice, { ...alice, role: 'qa' }),
  },
  {
    name: 'one key under two names, threshold 2',
    code: 20,
    says: /1 of 2 approvals in the role qa/,
    make: (base) => ({
      ...votes({ ...bob, principal: 'bob@example.org' }, { ...bob, principal: 'robert@example.org' })(base),
      ...signers(everybody(signerLine('robert@example.org', keys.bob))),
      policy: { roles: { qa: 2 } },
    }),
  },
  {
    name: 'one person with two keys, threshold 2',
    code: 20,
    says: /has already approved/,
    make: (base) => ({
      ...votes(bob, { ...bob, by: keys.mallory })(base),
      ...signers(everybody(signerLine('bob@example.org', keys.mallory))),
      policy: { roles: { qa: 2 } },
    }),
  },
  {
    name: 'a role that is not asked for',
    code: 20,
    says: /in the role intern/,
    make: votes(alice, bob, { by: keys.carol, principal: 'carol@example.org', role: 'intern' }),
  },
  {
    name: 'somebody who is no member of the role',
    code: 20,
    says: /not a member of qa/,
    make: (base) => ({ ...votes(alice, bob)(base), policy: { members: { qa: ['carol@example.org'] } } }),
  },
  {
    name: 'a good signature by a key that nobody allowed',
    code: 20,
    says: /no allowed signer/,
    make: votes(alice, bob, { by: keys.mallory, principal: 'mallory@example.org', role: 'qa' }),
  },
  {
    name: 'a key in the name of another',
    code: 21,
    says: /claims to be bob@example\.org's/,
    make: votes(alice, { ...bob, by: keys.carol }),
  },
  {
    name: 'a signature in the namespace of git',
    code: 21,
    says: /namespace "git"/,
    make: votes(alice, { ...bob, namespace: 'git' }),
  },
  {
    name: 'a signature in a namespace that begins like ours',
    code: 21,
    says: /in the namespace/,
    make: votes(alice, { ...bob, namespace: `${namespace}.example` }),
  },
  {
    name: 'a sign-off that names another key',
    code: 21,
    says: /names another key/,
    make: votes(alice, { ...bob, key: keys.alice.fingerprint }),
  },
  {
    name: 'a sign-off of another run',
    code: 21,
    says: /names another run/,
    make: votes(alice, { ...bob, runId: 'x' }),
  },
  {
    name: 'a sign-off of another verdict',
    code: 21,
    says: /another run or verdict/,
    make: votes(alice, { ...bob, verdict: 'FAILED' }),
  },
  {
    name: 'approvals over different bytes',
    code: 21,
    says: /signed over another run/,
    make: (base) => {
      const made = base.signed(undefined, [alice, bob]);
      const other = base.signed((r) => void (r.run.title = 'Other'), [alice, bob]);
      for (const path of ['signoffs/2-qa.json', 'signoffs/2-qa.json.sig'])
        made.set(path, other.get(path) ?? inMemory(Buffer.alloc(0)));
      return { bundle: made };
    },
  },
  {
    name: 'a signed statement of a type that is not known',
    code: 65,
    says: /not a sign-off that this verify knows/,
    make: (base) => {
      const made = base.signed(undefined, [alice]);
      const text = canonicalJson(
        {
          _type: 'https://in-toto.io/Statement/v1',
          subject: [],
          predicateType: 'https://example.org/other/v1',
          predicate: {},
        },
        1,
      );
      made.set('signoffs/2-qa.json', inMemory(Buffer.from(text)));
      made.set('signoffs/2-qa.json.sig', inMemory(Buffer.from(keys.bob.sign(text))));
      return { bundle: made };
    },
  },
  {
    name: 'the author signs',
    code: 20,
    says: /alice@example\.org, who wrote/,
    make: () => ({ facts: { identities: new Set(['alice@example.org']) } }),
  },
  {
    name: 'the author signs, written in other letters',
    code: 20,
    says: /Bob@Example\.org, who wrote/,
    make: (base) => ({
      ...votes(alice, { ...bob, principal: 'Bob@Example.org' })(base),
      ...signers(everybody().replace('bob@example.org', 'Bob@Example.org')),
      facts: { identities: new Set(['bob@example.org']) },
    }),
  },
  {
    name: 'a key that has expired by the clock of the gate',
    code: 22,
    says: /not valid at this time/,
    make: () =>
      signers(
        everybody().replace(
          `bob@example.org namespaces="${namespace}"`,
          `bob@example.org namespaces="${namespace}",valid-before="20200101"`,
        ),
      ),
  },
  {
    name: 'an expired key, and a claimed time when it was valid',
    code: 22,
    says: /not valid at this time/,
    make: (base) => ({
      ...votes(alice, { ...bob, at: '2019-06-01T00:00:00.000Z' })(base),
      ...signers(
        everybody().replace(
          `bob@example.org namespaces="${namespace}"`,
          `bob@example.org namespaces="${namespace}",valid-before="20200101"`,
        ),
      ),
    }),
  },
  {
    name: 'a key that is not valid yet',
    code: 22,
    says: /not valid at this time/,
    make: () =>
      signers(
        everybody().replace(
          `bob@example.org namespaces="${namespace}"`,
          `bob@example.org namespaces="${namespace}",valid-after="29990101"`,
        ),
      ),
  },
  {
    name: 'a revoked key',
    code: 21,
    says: /revoked key/,
    make: () => revoked(Buffer.from(`# lost\n${keys.bob.publicKey}\n`)),
  },
  {
    name: 'a revoked fingerprint',
    code: 21,
    says: /revoked key/,
    make: () => revoked(Buffer.from(`${keys.bob.fingerprint}\n`)),
  },
  {
    name: 'a revocation file that is not there',
    code: 66,
    says: /revocation file \.verify\/revoked is not there/,
    make: () => revoked(undefined),
  },
  { name: 'an empty revocation file', code: 65, says: /it is empty/, make: () => revoked(Buffer.alloc(0)) },
  {
    name: 'a revocation file of remarks alone',
    code: 65,
    says: /it is empty/,
    make: () => revoked(Buffer.from('# none yet\n')),
  },
  {
    name: 'a revocation file that is cut off',
    code: 65,
    says: /cannot be used/,
    make: () => revoked(Buffer.from('SSHKRL\n\0\0\0')),
  },
  { name: 'no allowed signers file', code: 66, says: /allowed_signers is not there/, make: () => signers(undefined) },
  { name: 'an empty allowed signers file', code: 66, says: /allows no key/, make: () => signers('') },
  {
    name: 'an allowed signer without namespaces',
    code: 65,
    says: /:4: it has no namespaces/,
    make: () => signers(everybody(signerLine('dave@example.org', keys.mallory, ''))),
  },
  {
    name: 'an allowed signer for every namespace',
    code: 65,
    says: /is a pattern/,
    make: () => signers(everybody(signerLine('dave@example.org', keys.mallory, 'namespaces="*"'))),
  },
  {
    name: 'an allowed signer of another namespace only',
    code: 66,
    says: /allows no key/,
    make: () => signers(signerLine('alice@example.org', keys.alice, 'namespaces="git"')),
  },
  {
    name: 'a principal that is a pattern',
    code: 65,
    says: /\*@example\.org is a pattern/,
    make: () => signers(everybody(signerLine('*@example.org', keys.mallory))),
  },
  {
    name: 'a principal that excludes',
    code: 65,
    says: /is a pattern/,
    make: () => signers(everybody(signerLine('!eve@example.org,dave@example.org', keys.mallory))),
  },
  {
    name: 'a certificate authority among the signers',
    code: 65,
    says: /certificates are not supported/,
    make: () =>
      signers(everybody(signerLine('dave@example.org', keys.mallory, `cert-authority,namespaces="${namespace}"`))),
  },
  {
    name: 'an option of a signer that is not known',
    code: 65,
    says: /not known/,
    make: () =>
      signers(
        everybody(signerLine('dave@example.org', keys.mallory, `namespaces="${namespace}",valid-until="20300101"`)),
      ),
  },
  {
    name: 'a signer’s time that is none',
    code: 65,
    says: /not a time of the calendar/,
    make: () =>
      signers(
        everybody(signerLine('dave@example.org', keys.mallory, `namespaces="${namespace}",valid-before="20261340"`)),
      ),
  },
  {
    name: 'a signer’s key that is cut off',
    code: 65,
    says: /allowed_signers:4/,
    make: () => signers(everybody(signerLine('dave@example.org', keys.mallory).slice(0, -8))),
  },
  { name: 'no role must sign', code: 65, says: /no role must sign/, make: () => ({ policy: { roles: {} } }) },
  {
    name: 'more approvals demanded than there are keys',
    code: 65,
    says: /needs 4 approvals, and only 3 keys/,
    make: () => ({ policy: { roles: { qa: 4 } } }),
  },
  {
    name: 'roles that together need more keys than there are',
    code: 65,
    says: /need 4 approvals by different keys/,
    make: () => ({ policy: { roles: { qa: 2, 'release-manager': 2 } } }),
  },
  {
    name: 'a member who is no signer',
    code: 65,
    says: /zoe@example\.org, a member of qa, is not an allowed signer/,
    make: () => ({ policy: { members: { qa: ['bob@example.org', 'zoe@example.org'] } } }),
  },
  {
    name: 'a sign-off from the future',
    code: 22,
    says: /from the future/,
    make: (base) => votes(alice, { ...bob, at: at(base, hours(0.2)) })(base),
  },
  {
    name: 'a sign-off from before the run',
    code: 22,
    says: /before the run ended/,
    make: (base) => votes(alice, { ...bob, at: at(base, -hours(1)) })(base),
  },
  {
    name: 'a waiver that ends later than the policy accepts',
    code: 10,
    says: /the waiver for later ends more than 30d after the run/,
    make: (base) => ({ ...votes(alice, bob)(base), policy: { waivers: '30d' } }),
  },
  {
    name: 'a sign-off that has ended',
    code: 22,
    says: /held until 2020-01-01/,
    make: votes(alice, { ...bob, expires: '2020-01-01' }),
  },
];
