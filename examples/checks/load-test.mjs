// The summary of a load test (k6 run --summary-export FILE) keeps its thresholds, and enough requests were made.
// with: { summary: out/k6.json, requests: 1000, p95: 300, failed: 0.01 }   p95 in milliseconds, failed as a share
import { readFileSync, statSync } from 'node:fs';

const { with: given } = JSON.parse(readFileSync(0, 'utf8'));
const { metrics } = JSON.parse(readFileSync(given.summary, 'utf8'));
const hours = (Date.now() - statSync(given.summary).mtimeMs) / 3_600_000;
const proofs = [];
const findings = [];
const where = { file: given.summary };
const hold = (code, what, found, limit, holds) => {
  if (typeof found !== 'number') findings.push({ code: 'not-measured', message: `${what} is not in the summary`, where });
  else if (holds) proofs.push(`${what} is ${found} (limit ${limit})`);
  else findings.push({ code, message: `${what}: expected ${limit}, found ${found}`, where });
};
const [count, p95, failed] = [
  metrics?.http_reqs?.count,
  metrics?.http_req_duration?.['p(95)'],
  metrics?.http_req_failed?.value ?? metrics?.http_req_failed?.rate,
];
hold('too-few-requests', 'requests', count, `at least ${given.requests}`, count >= given.requests);
hold('too-slow', 'p95 of the latency in ms', p95, `at most ${given.p95}`, p95 <= given.p95);
hold('too-many-failed', 'share of failed requests', failed, `at most ${given.failed}`, failed <= given.failed);
// A summary of last week says nothing of this build.
if (hours > 24) findings.push({ code: 'stale', level: 'inconclusive', message: `the summary is ${Math.round(hours)} h old`, where });
const facts = Object.fromEntries(Object.entries({ 'load.requests': count, 'load.failed': failed }).filter(([, one]) => typeof one === 'number'));
if (typeof p95 === 'number') facts['load.p95'] = { value: p95, unit: 'ms' };
console.log(JSON.stringify({ version: 1, proofs, findings, facts }));
