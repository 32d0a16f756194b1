import type { ProjectCheck, Toolchain } from '../contract.ts';
import { outermost, type ProjectTree } from '../drafted.ts';
import { folderOf, inFolder } from '../../formats/data/paths.ts';

/** Thin: what a project is set up for, and where its results lie. Its tests run as `tests/results` with a command. */
const mavenGradle: Toolchain = {
  name: 'maven-gradle',
  title: 'JVM',
  manifests: /^(?:pom\.xml|(?:settings|build)\.gradle(?:\.kts)?)$/,
  tools: [
    {
      name: 'java',
      version: ['java', '-version'],
      remedy: 'install a JDK; the project’s own wrapper (mvnw, gradlew) brings the rest',
    },
  ],
  steps: {},
  results: [
    '**/target/surefire-reports/TEST-*.xml',
    '**/target/failsafe-reports/TEST-*.xml',
    '**/build/test-results/**/TEST-*.xml',
  ],
  unasked: ['.mvn/jvm.config', '.mvn/maven.config', 'gradle.properties'],
  ambient: {
    variables: /^(?:MAVEN_OPTS|MAVEN_ARGS|GRADLE_OPTS|ORG_GRADLE_PROJECT_\w+|JAVA_TOOL_OPTIONS)$/,
    silences: (_, value) => /-DskipTests|-Dmaven\.test\.skip|-Dtest=|-x test\b/.test(value),
  },
  stepFor: () => undefined,
  covers: () => [],
  items: () => [],
  outputs: () => [],
  checks: (tree) => [...gradle(tree), ...maven(tree)],
};
export default mavenGradle;

function gradle(tree: ProjectTree): ProjectCheck[] {
  return outermost(tree, /^(?:settings|build)\.gradle(?:\.kts)?$/)
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
