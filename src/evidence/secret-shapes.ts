import { percentDecoded } from '../core/patterns.ts';

/** Words of a variable's name that say that its value is a secret. */
const strong =
  /^(?:TOKENS?|SECRETS?|PASSWORDS?|PASSWD|PASSPHRASE|APIKEY|PRIVATEKEY|SECRETKEY|ACCESSKEY|CREDENTIALS?|COOKIE)$/;
/** The same at the end of a word: `PGPASSWORD`, `AUTHTOKEN`. */
const joined = /^[A-Z]{2,}(?:PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|APIKEY)$/;
/** Words that mean something else often enough; the value must look like a secret as well. */
const weak = /^(?:KEY|PASS|PWD|PAT|DSN|AUTH|PW|SALT|SIGNATURE|CERT)$/;
/** The last word says that the value is where or what the secret is, not the secret. */
const about =
  /^(?:FILE|PATH|DIR|HOME|SOCK|SOCKET|ID|NAME|USER|USERNAME|HOST|PORT|TYPE|METHOD|MODE|VERSION|TTL|EXPIRY|EXPIRES|LENGTH|SIZE|ALGORITHM|URL|URI|ENDPOINT|ENABLED|REQUIRED|PROVIDER|ISSUER|AUDIENCE)$/;

const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .replace(/(API|PRIVATE|SECRET|ACCESS)[_.-]?KEY/g, '$1KEY')
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== '');

/** Does the variable's name say that it holds a secret? */
const isSecretName = (name: string): boolean => {
  // `TOKEN2` is another token.
  const words = wordsOf(name).map((word) => word.replace(/\d{1,2}$/, ''));
  return words.some((word) => strong.test(word) || joined.test(word)) && !about.test(words.at(-1) ?? '');
};

/** Is the value of the variable a secret, by its name and, where that may mean something else, by how it looks? */
export function isSecret(name: string, value: string): boolean {
  if (value.length < 8 || /^(?:true|false|enabled|disabled|default|required|optional)$/i.test(value)) return false;
  if (isSecretName(name)) return true;
  const words = wordsOf(name);
  if (/^(?:OLD)?PWD$/.test(name) || about.test(words.at(-1) ?? '') || !words.some((word) => weak.test(word)))
    return false;
  const plain = /^[a-z]+(?:[-_. ][a-z]+)*$/i.test(value) || /^\d+$/.test(value);
  return !plain && !/^[~./]/.test(value) && !/^[a-z][a-z0-9+.-]*:\/\/[^@]*$/i.test(value);
}

/** What a placeholder looks like: `${PASSWORD}`, `<password>`, `***`. */
const placeholder = /[${}<>*]|^%\w+%$|^x+$|^\[redacted\]$/i;

/** The passwords of addresses: `scheme://user:password@host`. */
export const passwordsIn = (text: string): string[] =>
  [...text.matchAll(/(?<=[a-z0-9+.-]):\/\/[^\s/:@"'`]{0,200}:([^\s/@"'`]{4,500})@/gi)].flatMap(([, password]) =>
    password === undefined || placeholder.test(password) ? [] : [password, percentDecoded(password)],
  );

/**
 * Values that are secrets by their shape, whatever their name: how they begin (one of several), and what follows.
 * Sources: the providers' own documentation of their keys' prefixes (AWS, GitHub, GitLab, Stripe, Slack, Google, npm, PyPI, crates.io,
 * SendGrid, Anthropic, OpenAI, Hugging Face, DigitalOcean, Grafana, Vault, Docker), RFC 7519 (JWT).
 */
const shapes: readonly (readonly [beginnings: string, rest: string])[] = [
  ['AKIA ASIA ABIA ACCA', String.raw`[A-Z0-9]{16}\b`],
  ['ghp_ gho_ ghu_ ghs_ ghr_', '[A-Za-z0-9]{30,255}'],
  ['github_pat_', '[A-Za-z0-9_]{22,255}'],
  ['glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glagent-', '[A-Za-z0-9_-]{20,}'],
  ['sk_live_ sk_test_ rk_live_ rk_test_ pk_live_ pk_test_', '[A-Za-z0-9]{16,}'],
  ['whsec_', '[A-Za-z0-9+/=]{24,}'],
  ['xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs-', '[A-Za-z0-9-]{10,}'],
  ['xapp-', String.raw`\d-[A-Za-z0-9-]{10,}`],
  ['AIza', '[A-Za-z0-9_-]{35}'],
  ['ya29.', '[A-Za-z0-9_-]{20,}'],
  ['GOCSPX-', '[A-Za-z0-9_-]{20,}'],
  ['npm_', '[A-Za-z0-9]{36}'],
  ['pypi-', '[A-Za-z0-9_-]{50,}'],
  ['cio', '[A-Za-z0-9]{32}(?![A-Za-z0-9])'],
  ['SG.', String.raw`[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`],
  ['sk-', '(?:ant-|proj-|svcacct-|or-)?[A-Za-z0-9_-]{32,}'],
  ['hf_', '[A-Za-z0-9]{30,}'],
  ['doo_v1_ dop_v1_ dor_v1_', '[a-f0-9]{64}'],
  ['glsa_ glc_', '[A-Za-z0-9_=+/]{28,}'],
  ['hvs. hvb. hvr.', '[A-Za-z0-9_-]{24,}'],
  ['dckr_pat_ dckr_oat_', '[A-Za-z0-9_-]{20,}'],
  ['shpat_ shpca_ shppa_ shpss_', '[a-fA-F0-9]{32}'],
  ['ATATT3', '[A-Za-z0-9_=-]{20,}'],
  ['lin_api_', '[A-Za-z0-9]{32,}'],
  ['AGE-SECRET-KEY-1', '[A-Z0-9]{58}'],
  ['sntrys_ sntryu_', '[A-Za-z0-9_=+/.-]{40,}'],
  ['figd_', '[A-Za-z0-9_-]{32,}'],
  ['PMAK-', '[a-f0-9]{24}-[a-f0-9]{34}'],
  ['dapi', '[a-f0-9]{32}'],
  ['NRAK-', '[A-Z0-9]{27}'],
  ['SK', String.raw`[a-f0-9]{32}\b`],
  ['key-', String.raw`[a-f0-9]{32}\b`],
  ['pul-', '[a-f0-9]{40}'],
  ['dp.', String.raw`(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{40,}`],
  ['pscale_', '(?:tkn|oauth|pw)_[A-Za-z0-9_.-]{32,}'],
  ['rubygems_', '[a-f0-9]{48}'],
  ['r8_', '[A-Za-z0-9]{37}'],
  ['gsk_ xai- pplx-', '[A-Za-z0-9]{40,}'],
  ['SharedAccessKey= AccountKey=', '[A-Za-z0-9+/=]{40,}'],
  // A longer head is looked for only where nothing of its own letters stands before it, or a text without end would be read again and again.
  [
    'eyJ',
    String.raw`(?:[A-Za-z0-9_-]{10,300}|(?<![A-Za-z0-9_-]eyJ)[A-Za-z0-9_-]{301,})\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`,
  ],
];
/** Where a word begins; also behind a line break that JSON wrote as `\\n`. */
const begins = String.raw`(?:(?<![A-Za-z0-9_])|(?<=\\[nrtbf]))`;
/** What has no beginning of its own, and what stands where words do not begin. */
const unlikeOthers: readonly RegExp[] = [
  new RegExp(String.raw`${begins}\d{8,10}:[A-Za-z0-9_-]{35}\b`, 'g'),
  new RegExp(String.raw`${begins}[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}`, 'g'),
  /hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/_-]{20,}/g,
  /discord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/[A-Za-z0-9_-]{60,}/g,
  /webhook\.office\.com\/webhookb2\/[A-Za-z0-9@/-]{60,}/g,
  // RFC 7468, with the headers of RFC 1421 and 4880; without an end, as far as it is one piece.
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:(?:[^-]|-(?!----)){20,20000}-----END [A-Z0-9 ]+-----|[^-]{20,})/g,
];
/** The beginning is looked for first and the place before it afterwards: a regular expression is many times faster so. */
const anyShape = new RegExp(
  shapes
    .map(([beginnings, rest]) => {
      const first = `(?:${beginnings.replaceAll('.', String.raw`\.`).replaceAll(' ', '|')})`;
      return `${first}(?<=${begins}${first})${rest}`;
    })
    .join('|'),
  'g',
);
/** A field that JSON, YAML or a shell may have put between quotes, and what stands between it and its value. */
const is = String.raw`\\?["']?\s*[:=]\s*\\?["']?`;
/** What stands before and behind the secret stays. Every part has an upper bound, or a text without end would be read again and again. */
const framed: readonly RegExp[] = [
  /((?<=[a-z0-9+.-]):\/\/[^\s/:@"'`<>]{0,200}:)([^\s/@"'`]{1,500})(@)/gi,
  /((?<=[a-z0-9+.-]):\/\/)((?=[A-Za-z_-]{0,200}\d)[A-Za-z0-9_-]{20,200})(@)/gi,
  /((?:[?&;]|\\u0026)(?:api[_-]?key|access[_-]?token|auth(?:[_-]?token)?|token|secret|client[_-]?secret|password|passwd|pwd|sig|signature|x-amz-signature|x-amz-security-token|key)=)([^\s&"'`<>#;\\]{6,})()/gi,
  new RegExp(
    `((?<![A-Za-z0-9_])(?:authorization|proxy-authorization)${is}(?:bearer|basic|token)\\s+)([A-Za-z0-9._~+/=-]{8,})()`,
    'gi',
  ),
  new RegExp(
    `((?<![A-Za-z0-9_-])(?:x-api-key|api-key|x-auth-token|x-vault-token|private-token|x-amz-security-token)${is})([A-Za-z0-9._~+/=-]{16,})()`,
    'gi',
  ),
  /((?<![A-Za-z0-9_])(?:set-)?cookie\\?["']?\s*:\s*\\?["']?[\w.-]+=)([A-Za-z0-9._~+/%=-]{20,})()/gi,
  // netrc; `default` has no machine.
  /(\blogin\s+\S{1,200}\s+(?:account\s+\S{1,200}\s+)?password\s+)(\S{6,})()/g,
  /((?<=[A-Za-z0-9]{14})\.atlasv1\.)([A-Za-z0-9_=-]{50,})()/g,
  /(\bPrivateKey\s*=\s*)([A-Za-z0-9+/]{43}=)()/g,
  /(\bPrivate-Lines: \d+\s+)([A-Za-z0-9+/=\s]{40,})()/g,
  /(\bcurl\b[^\n]{0,200}\s(?:-u|--user)[ =]["']?[^\s:"']{1,200}:)([^\s"'$]{8,})()/g,
  // .npmrc, .yarnrc.yml
  new RegExp(
    `((?<![A-Za-z0-9])(?:_authToken|_auth|_password|npmAuthToken|npmAuthIdent)${is})([^\\s"'\\\\]{8,})()`,
    'g',
  ),
  // .pgpass: host:port:database:user:password
  /((?:^|\n|\\n)[^\s:/\\]{1,200}:(?:\*|\d{2,5}):(?!\d+:)[^\s:/]{1,100}:[^\s:/]{1,100}:)([^\s:"']{6,})()(?=\r?\n|\\n|["']|$)/g,
  // A connection of libpq, of Go's MySQL driver, of Oracle.
  /((?<![A-Za-z0-9_])(?:host|hostaddr|port|user|dbname|sslmode)=[^\s"']{1,200} password=)([^\s"'\\]{4,})()/g,
  /((?<![A-Za-z0-9_])password=)([^\s"'\\]{4,})( (?:host|hostaddr|port|user|dbname|sslmode)=)/g,
  /((?<=[\w.-]):)([^\s/:@"'`]{4,200})(@(?:tcp|unix)\()/g,
  /(jdbc:oracle:thin:[\w$]{1,100}\/)([^\s@"'/]{4,200})(@)/gi,
  // settings.xml of Maven, NuGet.Config
  /(<(?:password|passphrase|privateKey|token|apiKey)>)([^<\s]{4,500})(<\/)/gi,
  /(\bkey=\\?"(?:ClearTextPassword|Password)\\?" value=\\?")([^"\\]{4,500})()/g,
  new RegExp(`((?:aws_secret_access_key|SecretAccessKey|secretAccessKey)${is})([A-Za-z0-9/+]{40})()`, 'g'),
];
/** Base64 that is a secret by what it says: a user and a password (Docker's config.json), a private key (kubeconfig, Secrets of Kubernetes). */
const encoded: readonly (readonly [RegExp, RegExp])[] = [
  [/("auth\\?"\s*:\s*\\?")([A-Za-z0-9+/]{8,}={0,2})(?=\\?")/g, /^[\u0020-\u007e]+:[\u0020-\u007e]+$/],
  [/()(LS0tLS1CRUdJTi[A-Za-z0-9+/]{40,}={0,2})/g, /^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY/],
];
/** A name that says so before a value that nobody would make up: mixed letters and three digits or more. */
const named =
  /((?:token|secret|passwords?|passwd|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)\\?["']?(?:\s*[:=]\s*|\s+)\\?["']?)((?=(?:[A-Za-z_+/=~-]{0,200}\d){3})[A-Za-z0-9_+/=~-]{16,})(?=[\s"',;&)}\\]|$)/gi;

/** The text without what is a secret by its shape. */
export function withoutShapes(text: string, mark: string): string {
  let out = text.replace(anyShape, mark);
  for (const pattern of unlikeOthers) out = out.replace(pattern, mark);
  for (const pattern of framed)
    out = out.replace(pattern, (whole, before: string, secret: string, after: string) =>
      placeholder.test(secret) ? whole : `${before}${mark}${after}`,
    );
  for (const [pattern, says] of encoded)
    out = out.replace(pattern, (whole, before: string, secret: string) =>
      says.test(Buffer.from(secret, 'base64').toString('latin1')) ? `${before}${mark}` : whole,
    );
  return out.replace(named, (whole, before: string, secret: string) =>
    /[a-z]/.test(secret) && /[A-Z]/.test(secret) ? `${before}${mark}` : whole,
  );
}
