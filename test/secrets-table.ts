import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { verify } from './rig/cli.ts';
import { tempDir } from './rig/run-step.ts';

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
/** A reproducible text of this length: no secret of anybody. */
function made(seed: number, length: number, from = letters): string {
  let state = (seed + 1) * 2_654_435_761;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return from[state % from.length] ?? '';
  }).join('');
}
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const hex = '0123456789abcdef';

/** Known by their name in the environment, by the target's `.env`, or by their shape alone. */
const byName: [name: string, value: string][] = [
  ['AWS_SECRET_ACCESS_KEY', `${made(1, 20)}/${made(2, 10)}+${made(3, 8)}`],
  ['GH_PAT', made(4, 30)],
  ['STRIPE_KEY', made(5, 24)],
  ['DB_PASSWORD', 'p&ss "w<o>rd\' 9/%=ü'],
  ['API_TOKEN', made(6, 40)],
  ['SESSION_SECRET', made(7, 80)],
  ['SENTRY_DSN', `https://${made(8, 32, hex)}@o1.example.org/2`],
  ['MY_APP_PASS', `Tr0ub4dor&${made(9, 6)}`],
  ['GRAFANA_ADMIN_PWD', `x${made(10, 11)}!`],
  ['NPM_AUTH', made(11, 36)],
  ['SIGNING_KEY', `-----BEGIN TEST KEY-----\n${made(12, 64)}\n${made(13, 64)}\n-----END TEST KEY-----`],
  ['clientSecret', made(14, 22)],
];
const ofEnvFile: [name: string, value: string][] = [
  ['POSTGRES_PASSWORD', made(20, 18)],
  ['REDIS_AUTH', `${made(21, 12)}9`],
  ['WEBHOOK_SECRET', made(22, 33)],
  ['SMTP_PASS', `${made(23, 9)}#7`],
  ['JWT_KEY', made(24, 48)],
];
const byShape: string[] = [
  `AKIA${made(30, 16, upper)}`,
  `ASIA${made(31, 16, upper)}`,
  `ghp_${made(32, 36)}`,
  `gho_${made(33, 36)}`,
  `github_pat_${made(34, 60)}`,
  `glpat-${made(35, 20)}`,
  `sk_live_${made(36, 24)}`,
  `rk_test_${made(37, 24)}`,
  `xoxb-${made(38, 12, '0123456789')}-${made(39, 24)}`,
  `AIza${made(40, 35)}`,
  `npm_${made(41, 36)}`,
  `SG.${made(42, 22)}.${made(43, 43)}`,
  `sk-ant-${made(44, 40)}`,
  `hf_${made(45, 34)}`,
  `glsa_${made(46, 32)}_${made(47, 8, hex)}`,
  `hvs.${made(48, 30)}`,
  `dop_v1_${made(49, 64, hex)}`,
  `eyJ${made(50, 20)}.eyJ${made(51, 30)}.${made(52, 43)}`,
  `pypi-${made(53, 60)}`,
  `ya29.${made(54, 40)}`,
  `dckr_pat_${made(55, 27)}`,
];
/** Passwords in addresses and parameters: the address is printed, the password must not be seen. */
const inAddress: [text: string, secret: string][] = [
  [`postgres://app:${made(60, 17)}@db.example.org/x`, made(60, 17)],
  [`https://api.example.org/v1?api_key=${made(61, 26)}&x=1`, made(61, 26)],
];
const base64Of = (text: string): string => Buffer.from(text).toString('base64').slice(40);
const pem = (kind: string, seed: number, headers = ''): string =>
  `-----BEGIN ${kind}-----\n${headers}${made(seed, 64)}\n${made(seed + 100, 64)}\n-----END ${kind}-----`;
/** As the files of tools hold them: what is printed, and what of it must not be seen. */
const inFiles: [text: string, secret: string][] = [
  [`db.example.org:5432:*:app:${made(70, 11)}`, made(70, 11)],
  [`*:*:orders:app:${made(71, 9).toLowerCase()}`, made(71, 9).toLowerCase()],
  [`//registry.example.org/:_authToken=${made(72, 32, hex)}`, made(72, 32, hex)],
  [`//registry.example.org/:_password="${made(73, 16)}"`, made(73, 16)],
  [`npmAuthToken: "${made(74, 20).toLowerCase()}"`, made(74, 20).toLowerCase()],
  [`machine example.org\n  login me\n  password ${made(75, 10)}`, made(75, 10)],
  [`default login me password ${made(76, 10)}`, made(76, 10)],
  ...[made(77, 9).toLowerCase(), made(78, 14)].map((secret, at): [string, string] => {
    const auth = Buffer.from(`user${at}:${secret}`).toString('base64');
    return [`{"auths":{"r.example.org":{"auth":"${auth}"}}}`, auth];
  }),
  [`jdbc:postgresql://db/x?user=app&password=${made(79, 10)}`, made(79, 10)],
  [`jdbc:sqlserver://db;user=sa;password=${made(80, 10)};encrypt=true`, made(80, 10)],
  [`jdbc:oracle:thin:scott/${made(81, 9)}@//db:1521/x`, made(81, 9)],
  [`app:${made(82, 9)}@tcp(db:3306)/orders`, made(82, 9)],
  [`host=db user=app password=${made(83, 8)} dbname=x`, made(83, 8)],
  [`"https://a.blob.example.org/c?sv=2022\\u0026sig=${made(84, 43)}%3D"`, made(84, 43)],
  [`DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${made(85, 86)}==`, made(85, 86)],
  [JSON.stringify({ type: 'service_account', private_key: `${pem('PRIVATE KEY', 86)}\n` }), made(86, 64)],
  [pem('OPENSSH PRIVATE KEY', 87), made(87, 64)],
  [pem('RSA PRIVATE KEY', 88, 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123\n\n'), made(88, 64)],
  [pem('PGP PRIVATE KEY BLOCK', 89, 'Comment: made-for-a-test\n\n'), made(89, 64)],
  [
    `client-key-data: ${Buffer.from(pem('EC PRIVATE KEY', 90)).toString('base64')}`,
    base64Of(pem('EC PRIVATE KEY', 90)),
  ],
  [`AGE-SECRET-KEY-1${made(91, 58, upper)}`, made(91, 58, upper)],
  [`aws_secret_access_key = ${made(92, 40, letters.slice(0, 52))}`, made(92, 40, letters.slice(0, 52))],
  [`<server><password>${made(93, 8)}</password></server>`, made(93, 8)],
  [`<add key="ClearTextPassword" value="${made(94, 8)}" />`, made(94, 8)],
  [`token = "cio${made(95, 32)}"`, made(95, 32)],
  [`https://${made(96, 24)}9@git.example.org/x.git`, made(96, 24)],
];

const python = String.raw`
import base64, html, json, os, urllib.parse as u
for line in open('canaries.jsonl'):
    s = json.loads(line); b = s.encode()
    b64 = base64.b64encode(b).decode()
    out = [s, u.quote(s), u.quote(s, safe='').replace('%2F', '%2f').replace('%3D', '%3d').replace('%2B', '%2b'), u.quote_plus(s), html.escape(s), json.dumps(s), json.dumps(json.dumps(s)),
        b.hex(), b.hex().upper(), b64, '\n'.join(b64[i:i+76] for i in range(0, len(b64), 76)) if len(b64) > 76 else b64[:len(b64)//2] + '\n' + b64[len(b64)//2:],
        base64.urlsafe_b64encode(b'user:' + b).decode(), '\r\n'.join('    ' + l for l in s.split('\n'))]
    print('\n'.join(out))
`;

/** What each canary must not be seen as. */
function needles(secret: string): string[] {
  const b64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  const parts = secret.includes('\n') ? secret.split('\n').filter((line) => !line.startsWith('-----')) : [secret];
  const inner = Buffer.from(`user:${secret}`).toString('base64url').slice(8, -2);
  return [
    ...parts,
    ...parts.map((one) => encodeURIComponent(one)),
    ...parts.map((one) => Buffer.from(one).toString('hex')),
    b64.slice(2, 26),
    inner.slice(0, 24),
  ];
}

function textsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      return (entry.name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    });
}

/**
 * Prints 67 canaries in 13 encodings through the real command line, and looks for them in all that it leaves and shows.
 * @returns how many there are, in how many encodings, and those that were seen
 */
export async function secretsTable(): Promise<{ canaries: number; encodings: number; hits: string[] }> {
  const plain = [...byName, ...ofEnvFile].map(([, value]) => value);
  const target = tempDir({
    'checklists/m.yaml':
      'version: 1\nmilestone: m\ntitle: T\ntarget: ..\nitems:\n  - id: a\n    title: A\n    steps:\n      - { id: prints, uses: command, with: { run: [python3, print.py], expect: { stdout: { contains: [never printed] } } } }\n      - { id: errs, uses: command, with: { shell: "cat shapes.txt >&2; cat shapes.txt; exit 3" } }\n',
    'print.py': python,
    'shapes.txt': `${[...byShape, ...[...inAddress, ...inFiles].map(([text]) => text)].join('\n')}\n`,
    'canaries.jsonl': `${plain.map((one) => JSON.stringify(one)).join('\n')}\n`,
    '.env': ofEnvFile.map(([name, value]) => `${name}="${value}"\n`).join(''),
  });
  const reports = tempDir();
  const ended = await verify(['m', '--ui', 'plain', '--no-ask', '--reports', reports], {
    cwd: target,
    env: Object.fromEntries(byName),
  });
  const shown = [ended.stdout, ended.stderr, ...textsIn(reports)].join('\n\0\n');
  const secrets = [...plain, ...byShape, ...[...inAddress, ...inFiles].map(([, secret]) => secret)];
  const squeezed = shown.replaceAll(/(?:\\r)?\\n|[\r\n]/g, '');
  const hits = secrets.flatMap((secret) =>
    needles(secret)
      .filter((one) => shown.includes(one) || squeezed.includes(one))
      .map((one) => `${secret} as ${one}`),
  );
  if (ended.code !== 10) throw new Error(`the run ended with ${ended.code}: ${ended.stderr}`);
  return { canaries: secrets.length, encodings: 13, hits };
}

if (process.argv[1] === import.meta.filename) {
  const { canaries, encodings, hits } = await secretsTable();
  process.stdout.write(
    `secrets: ${canaries} canaries × ${encodings} encodings, ${hits.length} hits\n${hits.map((one) => `  ${one}\n`).join('')}`,
  );
  process.exitCode = hits.length === 0 ? 0 : 10;
}
