import { plainWords, proof, provesByName, type ProgramWords } from '../program-words.ts';

const of = (tool: 'gradle' | 'maven'): ProgramWords => ({
  proves(words) {
    const plain = plainWords(words);
    if (plain.some((word) => /(?:^|:)(?:test|check|verify|build|install|package)$/.test(word)))
      return proof('test', tool);
    return plain.some((word) => /lint|spotless|checkstyle/i.test(word)) ? proof('lint', `${tool}:lint`) : undefined;
  },
});

export const jvmPrograms: Readonly<Record<string, ProgramWords>> = {
  gradle: of('gradle'),
  gradlew: of('gradle'),
  mvn: of('maven'),
  mvnw: of('maven'),
  sbt: { proves: ([, first = '']) => proof(provesByName(first), `sbt ${first}`) },
};
