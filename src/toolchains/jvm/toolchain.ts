import { z } from 'zod';
import { textOf } from '../../formats/data/json-parts.ts';
import { baseOf, folderOf, foldersAbove, inFolder } from '../../formats/data/paths.ts';
import { testsOf, type ProjectCheck, type SharedParams, type ToolStep, type Toolchain } from '../contract.ts';
import { outermost, type ProjectTree } from '../drafted.ts';
import { settingsAbove, settingsAtHome } from '../outside-settings.ts';
import { plainWords, proof, provesByName, type ProgramWords } from '../program-words.ts';

const of = (tool: 'gradle' | 'maven'): ProgramWords => ({
  proves(words) {
    const plain = plainWords(words);
    if (plain.some((word) => /(?:^|:)(?:test|check|verify|build|install|package)$/.test(word)))
      return proof('test', tool);
    return plain.some((word) => /lint|spotless|checkstyle/i.test(word)) ? proof('lint', `${tool}:lint`) : undefined;
  },
});

const jvmPrograms: Readonly<Record<string, ProgramWords>> = {
  gradle: of('gradle'),
  gradlew: of('gradle'),
  mvn: of('maven'),
  mvnw: of('maven'),
  sbt: { proves: ([, first = '']) => proof(provesByName(first), `sbt ${first}`) },
};

const params = {
  tool: z.enum(['auto', 'maven', 'gradle']).default('auto').describe('auto: Maven where there is a pom.xml'),
  goals: z.array(z.string().min(1)).min(1).default(['test']).describe('goals of Maven, or tasks of Gradle'),
};
type Params = z.infer<z.ZodObject<typeof params>> & SharedParams;

const surefire = ['**/target/{surefire,failsafe}-reports/TEST-*.xml'];
const gradleResults = ['**/build/test-results/**/TEST-*.xml'];
const ofGradle = /^(?:settings|build)\.gradle(?:\.kts)?$/;

/** Options and properties that may leave tests or modules out. Sources: surefire 3.5, Maven 3.9 and Gradle 9, their manuals. */
const silences = (name: string, value: string): boolean =>
  /-D(?:skip(?:Tests|ITs|UnitTests)|(?:it\.)?test(?:=|\s|$)|maven\.test\.|(?:excludedG|g)roups|(?:surefire|failsafe)\.(?!useFile|printSummary|rerun|reportFormat|trimStackTrace))|(?:^|\s)(?:-pl|--projects|-rf|--resume-from|-P|--activate-profiles|--tests)|-x[ =]?\w*[tT]est\b|--exclude-task/.test(
    value,
  ) ||
  (name.startsWith('ORG_GRADLE_PROJECT_') && /skip|exclude|filter|only|include/i.test(name));
/** The same as properties of Maven's settings, and in scripts that Gradle runs before every build. */
const inSettings = /<(?:skip(?:Tests|ITs)|test|(?:excludedG|g)roups|maven\.test\.\w+|(?:surefire|failsafe)\.\w+)>/;
const inScript = /\btest\b|\bTest\b|(?:in|ex)cludeTest|TestFilter|onlyIf/;

/** Says the output that something could not be fetched, or that this Java is another one? Sources: messages of Maven 3.9 and Gradle 8. */
const unprepared =
  /Could not (?:transfer|find) artifact|Could not resolve dependencies|could not be resolved: |Could not resolve all (?:files|dependencies|artifacts)|Could not (?:GET|HEAD) '|UnknownHostException|JAVA_HOME .*(?:not defined|invalid|is not set)|(?:invalid|release version) (?:target release: )?[\d.]+ ?(?:not supported)?$|Unsupported class file major version|No compiler is provided|Cannot find a Java installation|Detected (?:JDK|Maven) version.* is not in the allowed range|Could not find or load main class org\.(?:gradle\.wrapper|apache\.maven\.wrapper)/m;

const jvm: Toolchain = {
  name: 'jvm',
  title: 'JVM',
  manifests: /^(?:pom\.xml|(?:settings|build)\.gradle(?:\.kts)?)$/,
  tools: [
    {
      name: 'java',
      version: ['java', '-version'],
      remedy: 'install a JDK; the project’s own wrapper (mvnw, gradlew) brings the rest',
    },
  ],
  steps: { 'jvm/test': 'test' },
  results: [...surefire, ...gradleResults],
  unasked: ['.mvn/jvm.config', '.mvn/maven.config', 'gradle.properties'],
  programs: jvmPrograms,
  ambient: {
    of: /^(?:\S*\/)?(?:mvnw?|gradlew?) (?:.* )?(?:\w*test|check|verify|build|install|package)\b/i,
    variables:
      /^(?:MAVEN_OPTS|MAVEN_ARGS|GRADLE_OPTS|ORG_GRADLE_PROJECT_\w+|JAVA_OPTS|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS)$/,
    silences,
    async files(ctx, cwd) {
      // Maven takes the nearest folder .mvn, whatever it holds.
      const maven = ['.mvn/maven.config', '.mvn/jvm.config'];
      const shielded = (
        await Promise.all(foldersAbove(inFolder(cwd, '.mvn')).map((one) => ctx.files.kind(inFolder(one, '.mvn'))))
      ).includes('directory');
      const { above } = shielded ? {} : await settingsAbove(ctx, cwd, maven, (text) => silences('', text));
      const own = ctx.variables(/^GRADLE_USER_HOME$/)['GRADLE_USER_HOME'] ?? '';
      const gradle = own === '' ? `${ctx.variables(/^HOME$/)['HOME'] ?? ''}/.gradle` : own;
      const found = above === undefined ? [] : [`${above}: it is not part of the tree`];
      found.push(
        ...(await settingsAtHome(
          ctx,
          ['.mavenrc', '.m2/settings.xml'],
          (text) => silences('', text) || inSettings.test(text),
        )),
      );
      const scripts = (await ctx.files.list(`${gradle}/init.d`).catch((): string[] => [])).map(
        (name) => `init.d/${name}`,
      );
      for (const name of ['gradle.properties', 'init.gradle', 'init.gradle.kts', ...scripts]) {
        const text = (await ctx.files.readIfThere(`${gradle}/${name}`)) ?? '';
        if (name.endsWith('.properties') ? silences('', text) : inScript.test(text)) found.push(`${gradle}/${name}`);
      }
      return found;
    },
  },
  tests: testsOf<Params>({
    params,
    summary: 'The tests of a Maven or Gradle project pass, and at least the promised number of them was executed.',
    description: `Runs \`mvn -B test\` or \`gradle test --rerun-tasks\` (the project's own wrapper where it has one), and reads the JUnit XML that surefire, failsafe and Gradle write below \`target\` and \`build\`. Only what this run wrote counts. Reports of JaCoCo are read for \`coverage\` where the build makes them.

What cannot be fetched, and another Java than the build asks for, are inconclusive. \`-DskipTests\` and the like in \`MAVEN_ARGS\`, \`MAVEN_OPTS\`, \`GRADLE_OPTS\` or in the files of the home folder are named, and inconclusive too.`,
    example: `- id: jvm-tests
  uses: jvm/test
  with: { goals: [verify], minimum: 200 }`,
    plan: (p) => `(mvn or gradle) ${[...p.goals, ...p.args].join(' ')}`,
    starts(p, read) {
      const program = programOf(p, (name) => read(inFolder(p.cwd, name)) !== undefined).program;
      return program.startsWith('./') ? undefined : program;
    },
    async command(p, ctx, { coverage }) {
      const names = await ctx.files.list(p.cwd === '' ? '.' : p.cwd);
      const { tool, program } = programOf(p, (name) => names.includes(name));
      if (!names.some((name) => (tool === 'maven' ? name === 'pom.xml' : ofGradle.test(name))))
        return {
          missing: `${inFolder(p.cwd, tool === 'maven' ? 'pom.xml' : 'build.gradle')} is not there`,
          remedy: 'give the folder of the project as cwd',
        };
      const below = (globs: readonly string[]): string[] => globs.map((glob) => inFolder(p.cwd, glob));
      return {
        argv: [
          program,
          // Gradle writes no results for what is up to date, or comes from its cache.
          ...(tool === 'maven' ? ['-B', '-ntp'] : ['--console=plain', '--rerun-tasks', '--no-build-cache']),
          ...p.args,
          ...p.goals,
        ],
        env: p.env,
        writes: below(tool === 'maven' ? surefire : gradleResults),
        ...(coverage !== undefined && {
          coverage: below([
            tool === 'maven' ? '**/target/site/jacoco*/jacoco.xml' : '**/build/reports/jacoco/**/*.xml',
          ]),
        }),
      };
    },
    async unprepared({ stdout, stderr }) {
      const line = `${stderr}\n${stdout}`.split('\n').find((one) => unprepared.test(one));
      return line === undefined
        ? undefined
        : {
            what: line.trim().slice(0, 300),
            remedy: 'check the network, the repositories that the build names, and the JDK',
          };
    },
  }),
  stepFor: ({ words, cwd }, tree) => stepFor(words, cwd, tree),
  covers: (step) => ['maven', 'gradle'].map((key) => ({ key, cwd: textOf(step.with?.['cwd']) })),
  items: () => [],
  outputs: (_, tree) => [
    ...new Set(
      tree.paths.flatMap((path) =>
        baseOf(path) === 'pom.xml'
          ? [inFolder(folderOf(path), 'target')]
          : ofGradle.test(baseOf(path))
            ? [inFolder(folderOf(path), 'build'), inFolder(folderOf(path), '.gradle')]
            : [],
      ),
    ),
  ],
  checks: (tree) => [...gradle(tree), ...maven(tree)],
};
export default jvm;

/** The tool, and the program by which it is started: the project's own wrapper where it has one. */
function programOf({ tool: wanted }: Params, has: (name: string) => boolean): { tool: string; program: string } {
  const tool = wanted === 'auto' ? (has('pom.xml') ? 'maven' : 'gradle') : wanted;
  const own = tool === 'maven' ? 'mvnw' : 'gradlew';
  return { tool, program: has(own) ? `./${own}` : tool === 'maven' ? 'mvn' : 'gradle' };
}

/** Options that stand in one word. */
const plain =
  /^(?:-[DP]\S+|--[\w-]+=\S+|-(?:o|U|e|fae|ff|am|T\d\w*)|--(?:offline|continue|parallel|update-snapshots|also-make))$/;

/** `./mvnw -B verify` as parameters; what else a build does is a command of its own. */
function stepFor(words: readonly string[], cwd: string, tree: ProjectTree): ToolStep | undefined {
  const tool = /^(?:\.\/)?(mvnw?|gradlew?)$/.exec(words[0] ?? '')?.[1]?.startsWith('m');
  if (tool === undefined) return undefined;
  const manifests = tool ? ['pom.xml'] : ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'];
  if (!manifests.some((name) => tree.paths.includes(inFolder(cwd, name)))) return undefined;
  const given = words
    .slice(1)
    .filter(
      (word) =>
        !/^(?:-B|-ntp|-q|-V|--batch-mode|--no-transfer-progress|--console=\w+|--no-daemon|-i|--info|--stacktrace)$/.test(
          word,
        ),
    );
  // What `install` puts into the user's own repository of Maven is nothing that a check needs.
  const goals = given
    .filter((word) => !word.startsWith('-'))
    .map((word) => (tool && word === 'install' ? 'verify' : word));
  const args = given.filter((word) => word.startsWith('-'));
  // An option with a value behind it, and goals beside the tests, are not told apart here.
  // A profile that the command itself names is meant.
  if (silences('', words.filter((word) => !word.startsWith('-P')).join(' ')) || !args.every((word) => plain.test(word)))
    return undefined;
  if (
    goals.length === 0 ||
    !goals.every((word) => /^(?:clean|test|integrationTest|check|package|verify|build)$/.test(word)) ||
    goals.join() === 'clean'
  )
    return undefined;
  return {
    id: tool ? 'maven-test' : 'gradle-test',
    uses: 'jvm/test',
    with: {
      ...(cwd !== '' && { cwd }),
      ...(goals.join() !== 'test' && { goals }),
      ...(args.length > 0 && { args }),
    },
  };
}

function gradle(tree: ProjectTree): ProjectCheck[] {
  return outermost(tree, ofGradle)
    .slice(0, 1)
    .map((path) => {
      const own = tree.paths.includes(inFolder(folderOf(path), 'gradlew'));
      return { run: [own ? './gradlew' : 'gradle', 'test'], cwd: folderOf(path), from: path };
    });
}

function maven(tree: ProjectTree): ProjectCheck[] {
  return outermost(tree, /^pom\.xml$/).map((path) => {
    const own = tree.paths.includes(inFolder(folderOf(path), 'mvnw'));
    return { run: [own ? './mvnw' : 'mvn', '-B', 'test'], cwd: folderOf(path), from: path };
  });
}
