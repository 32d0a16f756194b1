// Migrations run up, down and up again on an empty PostgreSQL, and down leaves what was there before.
// with: { up: [npx, dbmate, up], down: [npx, dbmate, drop-all] }   each gets DATABASE_URL; PGHOST and the like say where
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { with: given } = JSON.parse(readFileSync(0, 'utf8'));
const name = `verify_${process.pid}`;
const env = { ...process.env, PGDATABASE: name, DATABASE_URL: `postgres:///${name}` };
const run = ([program, ...args], more = env) => {
  const ended = spawnSync(program, args, { encoding: 'utf8', env: more, timeout: 240_000 });
  process.stderr.write(`$ ${program} ${args.join(' ')}\n${ended.stderr ?? ''}`);
  return { ok: ended.status === 0, out: ended.stdout ?? '', why: ended.error?.message ?? `exit ${ended.status}` };
};
// Comments and settings of pg_dump name versions and times: the statements are compared.
const schema = () => run(['pg_dump', '--schema-only', '--no-owner']).out.split('\n').filter((line) => !/^(?:--|SET |SELECT |\\|$)/.test(line)).join('\n');
const proofs = [];
const findings = [];
const made = run(['createdb', name], process.env);
if (!made.ok) findings.push({ code: 'no-database', level: 'inconclusive', message: `createdb: ${made.why}`, hint: 'start a PostgreSQL, and set PGHOST' });
else {
  const empty = schema();
  const seen = [];
  for (const way of ['up', 'down', 'up']) {
    const ended = run(given[way]);
    if (!ended.ok) { findings.push({ code: `${way}-failed`, message: `${given[way].join(' ')}: ${ended.why}` }); break; }
    seen.push(schema());
  }
  const [first, back, again] = seen;
  if (first === empty) findings.push({ code: 'nothing-migrated', message: 'up changes nothing, so that it proves nothing' });
  if (back !== undefined && back !== empty) findings.push({ code: 'down-leaves', message: 'down does not bring back what was there before', detail: back });
  if (again !== undefined && again !== first) findings.push({ code: 'up-differs', message: 'up gives another schema the second time', detail: again });
  if (seen.length === 3 && findings.length === 0) proofs.push('up, down and up again; down leaves nothing, and up gives the same schema twice');
  run(['dropdb', '--force', name], process.env);
}
console.log(JSON.stringify({ version: 1, proofs, findings }));
