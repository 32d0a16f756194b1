// Every package of package-lock.json has a licence that is allowed.
// with: { allow: [MIT, ISC, Apache-2.0], except: [name] }
import { readFileSync } from 'node:fs';

const { with: given } = JSON.parse(readFileSync(0, 'utf8'));
const allow = new Set(given.allow ?? []);
const except = new Set(given.except ?? []);
const file = 'package-lock.json';
const text = readFileSync(file, 'utf8');
const packages = Object.entries(JSON.parse(text).packages ?? {}).filter(([path, one]) => path !== '' && !one.link);

/** `(MIT OR GPL-3.0)` is allowed where one of them is, `MIT AND X` where all are. */
const allowed = (licence) =>
  licence.split(/\s+AND\s+/i).every((part) =>
    part.split(/\s+OR\s+/i).some((one) => allow.has(one.replace(/[()]/g, '').trim())),
  );

const findings = packages.flatMap(([path, { license }]) => {
  const name = path.replace(/^.*node_modules\//, '');
  if (except.has(name) || (typeof license === 'string' && allowed(license))) return [];
  const line = text.slice(0, text.indexOf(JSON.stringify(path))).split('\n').length;
  const message = `${name}: expected one of ${[...allow].join(', ')}, found ${license ?? 'no licence'}`;
  return [{ code: 'licence-denied', message, subject: name, where: { file, line } }];
});
const proofs = packages.length > 0 && findings.length === 0 ? [`${packages.length} packages have an allowed licence`] : [];
console.log(JSON.stringify({ version: 1, proofs, findings, facts: { 'licences.packages': packages.length } }));
