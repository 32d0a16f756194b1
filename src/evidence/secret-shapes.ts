/** Words of a variable's name that say that its value is a secret. */
const strong =
  /^(?:TOKENS?|SECRETS?|PASSWORDS?|PASSWD|PASSPHRASE|APIKEY|PRIVATEKEY|SECRETKEY|ACCESSKEY|CREDENTIALS?|COOKIE)$/;
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
  const words = wordsOf(name);
  return words.some((word) => strong.test(word)) && !about.test(words.at(-1) ?? '');
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
  [...text.matchAll(/[a-z][a-z0-9+.-]*:\/\/[^\s/:@"'`]*:([^\s/@"'`]{4,})@/gi)].flatMap(([, password]) =>
    password === undefined || placeholder.test(password) ? [] : [password, decoded(password)],
  );

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * Values that are secrets by their shape, whatever their name.
 * Sources: the providers' own documentation of their keys' prefixes (AWS, GitHub, GitLab, Stripe, Slack, Google, npm, PyPI, SendGrid,
 * Anthropic, OpenAI, Hugging Face, DigitalOcean, Grafana, Vault, Docker, Azure), RFC 7468 (PEM), RFC 7519 (JWT).
 */
const shapes: readonly string[] = [
  String.raw`\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b`,
  String.raw`\bgh[pousr]_[A-Za-z0-9]{30,255}`,
  String.raw`\bgithub_pat_[A-Za-z0-9_]{22,255}`,
  String.raw`\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[A-Za-z0-9_-]{20,}`,
  String.raw`\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}`,
  String.raw`\bwhsec_[A-Za-z0-9+/=]{24,}`,
  String.raw`\bxox[abeoprs]-[A-Za-z0-9-]{10,}`,
  String.raw`\bxapp-\d-[A-Za-z0-9-]{10,}`,
  String.raw`hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/_-]{20,}`,
  String.raw`\bAIza[A-Za-z0-9_-]{35}`,
  String.raw`\bya29\.[A-Za-z0-9_-]{20,}`,
  String.raw`\bGOCSPX-[A-Za-z0-9_-]{20,}`,
  String.raw`\bnpm_[A-Za-z0-9]{36}`,
  String.raw`\bpypi-[A-Za-z0-9_-]{50,}`,
  String.raw`\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}`,
  String.raw`\bsk-(?:ant-|proj-|svcacct-|or-)?[A-Za-z0-9_-]{32,}`,
  String.raw`\bhf_[A-Za-z0-9]{30,}`,
  String.raw`\bdo[opr]_v1_[a-f0-9]{64}`,
  String.raw`\bgl(?:sa|c)_[A-Za-z0-9_=+/]{28,}`,
  String.raw`\bhv[sbr]\.[A-Za-z0-9_-]{24,}`,
  String.raw`\bdckr_pat_[A-Za-z0-9_-]{20,}`,
  String.raw`\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}`,
  String.raw`\bATATT3[A-Za-z0-9_=-]{20,}`,
  String.raw`\blin_api_[A-Za-z0-9]{32,}`,
  String.raw`\bAGE-SECRET-KEY-1[A-Z0-9]{58}`,
  String.raw`\bsntry[su]_[A-Za-z0-9_=+/.-]{40,}`,
  String.raw`\bfigd_[A-Za-z0-9_-]{32,}`,
  String.raw`\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}`,
  String.raw`\bdapi[a-f0-9]{32}`,
  String.raw`\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{50,}`,
  String.raw`\bNRAK-[A-Z0-9]{27}`,
  String.raw`\bSK[a-f0-9]{32}\b`,
  String.raw`\bkey-[a-f0-9]{32}\b`,
  String.raw`\b\d{8,10}:[A-Za-z0-9_-]{35}\b`,
  String.raw`discord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/[A-Za-z0-9_-]{60,}`,
  String.raw`webhook\.office\.com\/webhookb2\/[A-Za-z0-9@/-]{60,}`,
  String.raw`\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}`,
  String.raw`\bpul-[a-f0-9]{40}`,
  String.raw`\bdp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{40,}`,
  String.raw`\bpscale_(?:tkn|oauth|pw)_[A-Za-z0-9_.-]{32,}`,
  String.raw`\brubygems_[a-f0-9]{48}`,
  String.raw`\br8_[A-Za-z0-9]{37}`,
  String.raw`\b(?:gsk_|xai-|pplx-)[A-Za-z0-9]{40,}`,
  String.raw`\bSharedAccessKey=[A-Za-z0-9+/=]{40,}`,
  String.raw`\bAccountKey=[A-Za-z0-9+/=]{40,}`,
  String.raw`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`,
  String.raw`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[^-]{20,}(?:-----END [A-Z0-9 ]+-----)?`,
];
/** Where a word begins; also behind a line break that JSON wrote as `\\n`. */
const begins = String.raw`(?:(?<![A-Za-z0-9_])|(?<=\\[nrtbf]))`;
const anyShape = new RegExp(shapes.map((shape) => shape.replace(/^\\b/, begins)).join('|'), 'g');
/** What stands before and behind the secret stays. */
const framed: readonly RegExp[] = [
  /([a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'`<>]{0,200}:)([^\s/@"'`]{1,500})(@)/gi,
  /([?&;](?:api[_-]?key|access[_-]?token|auth(?:[_-]?token)?|token|secret|client[_-]?secret|password|passwd|pwd|sig|signature|x-amz-signature|x-amz-security-token|key)=)([^\s&"'`<>#;\\]{6,})()/gi,
  /((?<![A-Za-z0-9_])(?:authorization|proxy-authorization)\\?["']?\s*[:=]\s*\\?["']?(?:bearer|basic|token)\s+)([A-Za-z0-9._~+/=-]{8,})()/gi,
  /((?<![A-Za-z0-9_-])(?:x-api-key|api-key|x-auth-token|x-vault-token|private-token|x-amz-security-token)\\?["']?\s*[:=]\s*\\?["']?)([A-Za-z0-9._~+/=-]{16,})()/gi,
  /((?<![A-Za-z0-9_])(?:set-)?cookie\\?["']?\s*:\s*\\?["']?[\w.-]+=)([A-Za-z0-9._~+/%=-]{20,})()/gi,
  /("auth\\?"\s*:\s*\\?")((?=[^"]*[A-Z])(?=[^"]*[a-z])(?=[^"]*\d)[A-Za-z0-9+/=]{16,})(\\?")/g,
  /(\bmachine\s+\S+\s+login\s+\S+\s+password\s+)(\S{6,})()/g,
  /(\bPrivateKey\s*=\s*)([A-Za-z0-9+/]{43}=)()/g,
  /(\bPrivate-Lines: \d+\s+)([A-Za-z0-9+/=\s]{40,})()/g,
  /(\bcurl\b[^\n]{0,200}\s(?:-u|--user)[ =]["']?[^\s:"']+:)([^\s"'$]{8,})()/g,
];
/** A name that says so before a value that nobody would make up: mixed letters and three digits or more. */
const named =
  /((?:token|secret|passwords?|passwd|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)\\?["']?(?:\s*[:=]\s*|\s+)\\?["']?)((?=[^\s]*[a-z])(?=[^\s]*[A-Z])(?=(?:[^\s\d]*\d){3})[A-Za-z0-9_+/=~-]{16,})(?=[\s"',;&)}\\]|$)/gi;

/** The text without what is a secret by its shape. */
export function withoutShapes(text: string, mark: string): string {
  let out = text.replace(anyShape, mark);
  for (const pattern of framed)
    out = out.replace(pattern, (whole, before: string, secret: string, after: string) =>
      placeholder.test(secret) ? whole : `${before}${mark}${after}`,
    );
  return out.replace(named, (whole, before: string, secret: string) =>
    /[a-z]/.test(secret) && /[A-Z]/.test(secret) ? `${before}${mark}` : whole,
  );
}
