import { liesIn } from '../formats/data/paths.ts';
import { posix } from 'node:path';
import { objectOf, textOf } from '../formats/data/json-parts.ts';
import { ownPrograms } from './own-programs.ts';
import type { Sources } from '../repository/sources.ts';
import { composerOf, variablesRead } from './variables.ts';

/** A variable that a Compose file sets for a service which the repository builds, or a manifest or unit for its program, and that no source reads. */
export interface Unread {
  file: string;
  line: number;
  service: string;
  name: string;
  /** One that the sources read, and that begins alike. */
  sibling: string;
}

/** @returns what nothing reads, how many were looked up, and why nothing can be said where names are composed */
export async function unreadVariables(
  sources: Sources,
): Promise<{ unread: Unread[]; looked: number; because?: string }> {
  const texts = await sources.texts();
  const names = await variablesRead(sources);
  if (names.size === 0) return { unread: [], looked: 0 };
  const composer = await composerOf(sources);
  if (composer !== undefined) return { unread: [], looked: 0, because: `${composer} composes the names of variables` };
  const readers = [...texts].filter(([path, text]) => !isSetter(path, text));
  const unread: Unread[] = [];
  let looked = 0;
  for (const [file, setters] of await settersOf(sources)) {
    const text = texts.get(file) ?? '';
    for (const { service, names: set } of setters) {
      for (const name of set) {
        // Only beside a name that begins alike and is read is it the project's own.
        const prefix = ofPrograms.test(name) ? undefined : /^[A-Z][A-Z0-9]{1,}_/.exec(name)?.[0];
        const sibling = prefix === undefined ? undefined : [...names].find((known) => known.startsWith(prefix));
        if (prefix === undefined || sibling === undefined || (await composerOf(sources, prefix)) !== undefined)
          continue;
        looked++;
        if (names.has(name)) continue;
        const elsewhere = readers.some(([path, other]) => path !== file && other.includes(name));
        // The file itself may use it in a command.
        const uses = text.split(name).length - 1;
        if (elsewhere || uses > set.filter((all) => all.includes(name)).length) continue;
        unread.push({ file, line: text.slice(0, text.indexOf(name)).split('\n').length, service, name, sibling });
      }
    }
  }
  return { unread, looked };
}

const isContainers = (path: string, text: string): boolean =>
  /\.ya?ml$/.test(path) && /^kind\s*:/m.test(text) && /^[ \t]*(?:-[ \t]*)?env[ \t]*:/m.test(text);
/** Does the file set variables for programs, and read none? */
const isSetter = (path: string, text: string): boolean =>
  /(?:^|\/)\.env|compose/.test(posix.basename(path)) || path.endsWith('.service') || isContainers(path, text);

const ofServers =
  /^(?:POSTGRES\w*|PG\w*|MYSQL|MARIADB|REDIS|MONGO\w*|RABBITMQ|KAFKA|ZOOKEEPER|ELASTIC\w*|GF|GRAFANA|MINIO|AWS|AZURE|GOOGLE|GCP|GITHUB|OTEL|NODE|JAVA|JVM|POD|KUBE\w*|K8S|HTTPS?|NO|DB|DATABASE|APP|SERVER|LOG|ALLOW|DISABLE|ENABLE|VAULT|CONSUL|NATS|S3|MY|HOST|GO|PYTHON|RUST)_/;

/** Names that programs and frameworks of others read, for which a repository builds images too. */
const ofPrograms =
  /__|^(?:AIRFLOW|MLFLOW|PREFECT|DAGSTER|SUPERSET|JUPYTER\w*|STREAMLIT|GUNICORN|UVICORN|WEB_CONCURRENCY|CELERY|FLASK|DJANGO|SPRING|QUARKUS|MICRONAUT|KEYCLOAK|KC|WORDPRESS|OPENAI|ANTHROPIC|LANGCHAIN|LANGSMITH|LANGFUSE|HF|HUGGINGFACE\w*|TRANSFORMERS|OLLAMA|SENTRY|DD|GF|POSTGRES\w*|PG\w*|MYSQL|MARIADB|OTEL|JAVA|NODE|NPM|PIP|PYTHON\w*|RUST)_/;

interface Setter {
  service: string;
  names: string[];
}

/** What Compose files, manifests of Kubernetes and units of systemd set, and for whom. */
async function settersOf(sources: Sources): Promise<[file: string, setters: Setter[]][]> {
  const found: [string, Setter[]][] = [];
  const paths = [...(await sources.texts()).keys()];
  for (const [file, { services }] of await sources.composeFiles()) {
    // What is built of a folder that is not here is not known.
    const isHere = (build: unknown): boolean => {
      const context = textOf(typeof build === 'string' ? build : objectOf(build)['context']) || '.';
      const folder = posix.join(posix.dirname(file), context).replace(/\/$/, '');
      return folder === '.' || /[$:]/.test(context) || paths.some((path) => liesIn(path, folder));
    };
    const built = Object.entries(services).filter(
      ([, one]) => one['build'] !== undefined && one['build'] !== null && isHere(one['build']),
    );
    const setters = built.map(([service, { environment }]) => ({
      service,
      names: Array.isArray(environment)
        ? environment.map((entry) => textOf(entry).split('=')[0] ?? '')
        : Object.keys(objectOf(environment)),
    }));
    found.push([file, setters]);
  }
  const images = await ownImages(sources);
  for (const [file, text] of await sources.texts()) found.push([file, settersIn(file, text, images)]);
  return found;
}

/** Names under which the repository's own programs may be images: of programs, and of folders and endings of Dockerfiles. */
async function ownImages(sources: Sources): Promise<Set<string>> {
  const names = new Set((await ownPrograms(sources)).keys());
  for (const path of (await sources.texts()).keys()) {
    const base = posix.basename(path);
    if (!/^(?:Dockerfile|Containerfile)\b|\.Dockerfile$/i.test(base)) continue;
    names.add(posix.basename(posix.dirname(path)));
    names.add(base.replace(/^(?:Dockerfile|Containerfile)\.?|\.Dockerfile$/gi, ''));
  }
  names.delete('');
  return names;
}

/** Does the manifest run an image of which it is not known that it is another project's? */
const runsOwn = (text: string, images: ReadonlySet<string>): boolean =>
  [...text.matchAll(/^\s*(?:-\s*)?image:\s*["']?([^\s"'#]+)/gm)].some(([, image = '']) => {
    const name = posix.basename(image.replace(/@.*$/, '').replace(/:[^:/]*$/, ''));
    return (
      /[{$]/.test(image) ||
      [...images].some((own) => name === own || name.endsWith(`-${own}`) || name.startsWith(`${own}-`))
    );
  });

function settersIn(file: string, text: string, images: ReadonlySet<string>): Setter[] {
  if (/(?:^|\/)(?:testdata|fixtures?|tests?|examples?)\//.test(file)) return [];
  if (file.endsWith('.service'))
    return [
      {
        service: posix.basename(file),
        names: [...text.matchAll(/^Environment=\s*["']?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name),
      },
    ];
  if (!isContainers(file, text) || !runsOwn(text, images)) return [];
  const names = [...text.matchAll(/^\s*-\s*(?:\{\s*)?name:\s*["']?([A-Z][A-Z0-9]*_[A-Z0-9_]+)["']?\s*(?:,|$)/gm)].map(
    ([, name = '']) => name,
  );
  // Beside the project's own container may run another: what servers of others read is left out.
  const own = names.filter((name) => !ofServers.test(name));
  return own.length === 0 ? [] : [{ service: posix.basename(file), names: own }];
}
