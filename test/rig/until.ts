/** Waits for a condition. @throws where it does not come true within the time (milliseconds) */
export async function until(what: string, there: () => boolean | Promise<boolean>, within = 90_000): Promise<void> {
  for (const began = Date.now(); !(await there());) {
    if (Date.now() - began > within) throw new Error(`${what} did not come within ${within} ms`);
    await new Promise((done) => setTimeout(done, 25));
  }
}

/** Shell that goes on once the file is there. */
export const awaiting = (file: string): string => `until [ -e '${file}' ]; do sleep 0.05; done`;
