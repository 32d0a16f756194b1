/** What Compose is asked about. */
export interface ComposeQuestion {
  files: readonly string[];
  profiles: readonly string[];
  envFile?: string | undefined;
  projectDirectory?: string | undefined;
}

/** The options before a subcommand that say which project is meant. */
export const composeOptions = ({ files, profiles, envFile, projectDirectory }: ComposeQuestion): string[] => [
  ...files.flatMap((file) => ['-f', file]),
  ...profiles.flatMap((profile) => ['--profile', profile]),
  ...(envFile === undefined ? [] : ['--env-file', envFile]),
  ...(projectDirectory === undefined ? [] : ['--project-directory', projectDirectory]),
];

/** The variables that Compose replaces with nothing, by its warnings. */
export const unsetIn = (stderr: string): string[] =>
  [
    ...new Set([...stderr.matchAll(/The \\?"([^"\\]+)\\?" variable is not set/g)].map((match) => match[1] ?? '')),
    // Compose names them in another order each time.
  ].toSorted();

/** Why Compose refuses, in its own words: what it says without its warnings. */
export const refusalIn = (stderr: string): string =>
  stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('level=warning'))
    .join('\n')
    .slice(-2000);
