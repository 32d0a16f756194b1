import { execa } from 'execa';

/** The docker client outside of a run. It never throws; where there is no docker the code is null. */
export async function dockerClient(
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const result = await execa('docker', args, { reject: false, timeout: 60_000, stdin: 'ignore' });
  return { code: result.exitCode ?? null, stdout: result.stdout, stderr: result.stderr };
}

/** Is the docker client installed? */
export const dockerThere = async (): Promise<boolean> => (await dockerClient(['--version'])).code === 0;
