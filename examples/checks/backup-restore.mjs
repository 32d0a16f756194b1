// What is backed up can be restored: count, back up, restore elsewhere, count again; both must be the same, and not zero.
// with: { count: [./count.sh, main], backup: [./backup.sh], restore: [./restore.sh, other], recount: [./count.sh, other] }
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { with: given } = JSON.parse(readFileSync(0, 'utf8'));
const findings = [];
const proofs = [];
const facts = {};
const run = (what) => {
  const [program, ...args] = given[what];
  const began = Date.now();
  const ended = spawnSync(program, args, { encoding: 'utf8', timeout: 600_000 });
  process.stderr.write(`$ ${program} ${args.join(' ')}\n${ended.stderr ?? ''}`);
  facts[`${what}.time`] = { value: Date.now() - began, unit: 'ms' };
  if (ended.status === 0) return ended.stdout.trim();
  const level = ended.error ? 'inconclusive' : 'error';
  findings.push({ code: `${what}-failed`, level, message: `${given[what].join(' ')}: ${ended.error?.message ?? `exit ${ended.status}`}` });
  return undefined;
};
const before = run('count');
const rest = before === undefined ? [] : ['backup', 'restore', 'recount'].map((what) => (findings.length > 0 ? undefined : run(what)));
const after = rest.at(-1);
if (findings.length === 0) {
  if (!/^[1-9]\d*$/.test(before)) findings.push({ code: 'nothing-to-back-up', message: `expected a count above 0, found "${before}"` });
  else if (after !== before) findings.push({ code: 'rows-lost', message: `expected ${before} after the restore, found "${after}"` });
  else proofs.push(`${before} rows before the backup, ${after} after the restore`);
}
console.log(JSON.stringify({ version: 1, proofs, findings, facts }));
