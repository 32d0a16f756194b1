// The SBOM is there, is about this release, names components, and is signed (ssh-keygen -Y sign -n sbom).
// with: { sbom: dist/app.cdx.json, name: app, version: 1.4.0, signers: .verify/sbom_signers, signer: ci@example.org }
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const { with: given } = JSON.parse(readFileSync(0, 'utf8'));
const findings = [];
const proofs = [];
const facts = {};
const where = { file: given.sbom };
const check = (holds, proof, code, message) => (holds ? proofs.push(proof) : findings.push({ code, message, where }));
if (!existsSync(given.sbom)) findings.push({ code: 'sbom-missing', message: `${given.sbom} is not there` });
else {
  const bytes = readFileSync(given.sbom);
  const sbom = JSON.parse(bytes);
  // CycloneDX, else SPDX: https://cyclonedx.org/docs/1.6/json, https://spdx.github.io/spdx-spec/v2.3
  const parts = sbom.components ?? sbom.packages ?? [];
  const about = sbom.metadata?.component ?? { name: sbom.name, version: sbom.packages?.find((one) => one.name === sbom.name)?.versionInfo };
  check(sbom.bomFormat === 'CycloneDX' || /^SPDX-/.test(sbom.spdxVersion), 'it is CycloneDX or SPDX', 'sbom-format', 'it is neither CycloneDX nor SPDX');
  check(about.name === given.name && about.version === String(given.version), `it is about ${about.name} ${about.version}`, 'sbom-other', `expected ${given.name} ${given.version}, found ${about.name} ${about.version}`);
  check(parts.length > 0, `it names ${parts.length} components`, 'sbom-empty', 'it names no component');
  facts['sbom.components'] = parts.length;
  const args = ['-Y', 'verify', '-f', given.signers, '-I', given.signer, '-n', 'sbom', '-s', `${given.sbom}.sig`];
  const verified = spawnSync('ssh-keygen', args, { input: bytes, encoding: 'utf8' });
  if (verified.error) findings.push({ code: 'cannot-verify', level: 'inconclusive', message: verified.error.message });
  else check(verified.status === 0, `it is signed by ${given.signer}`, 'sbom-unsigned', `no good signature by ${given.signer}: ${`${verified.stderr}${verified.stdout}`.trim().slice(0, 300)}`);
}
console.log(JSON.stringify({ version: 1, proofs, findings, facts }));
