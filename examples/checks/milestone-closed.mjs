// The milestone on GitHub has no open issue. Asks `gh`, which has the token; without it: inconclusive.
// with: { repository: acme/app, milestone: v1.4.0 }
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { with: given } = JSON.parse(readFileSync(0, 'utf8'));
const path = `repos/${given.repository}/milestones?state=all&per_page=100`;
const asked = spawnSync('gh', ['api', '--paginate', path], { encoding: 'utf8', timeout: 60_000 });
const proofs = [];
const findings = [];
const facts = {};
if (asked.error || asked.status !== 0) {
  const why = asked.error?.message ?? asked.stderr.trim();
  findings.push({ code: 'cannot-ask', level: 'inconclusive', message: `gh api: ${why || `exit ${asked.status}`}`, hint: 'gh auth login' });
} else {
  const found = JSON.parse(asked.stdout).filter((one) => one.title === given.milestone);
  const [one] = found;
  if (found.length !== 1) {
    findings.push({ code: 'milestone-missing', message: `expected one milestone ${given.milestone}, found ${found.length}` });
  } else if (one.open_issues > 0) {
    findings.push({ code: 'issues-open', message: `${given.milestone}: expected no open issue, found ${one.open_issues}`, subject: one.html_url });
  } else if (one.closed_issues === 0) {
    findings.push({ code: 'milestone-empty', message: `${given.milestone} has no issue at all, so that it proves nothing` });
  } else proofs.push(`${given.milestone}: ${one.closed_issues} issues closed, none open`);
  if (one) facts['milestone.closed'] = one.closed_issues;
}
console.log(JSON.stringify({ version: 1, proofs, findings, facts }));
