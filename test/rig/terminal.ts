import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { root } from './cli.ts';
import { until } from './until.ts';

export interface Terminal {
  /** What is on the screen and in its history. */
  text(): string;
  /** Resolves once the text is on the screen. @throws Error with the screen after 20 s */
  shows(text: string): Promise<void>;
  type(keys: string): void;
  ended: Promise<{ code: number; signal: number | undefined }>;
}

export const keys = { up: '\u001b[A', down: '\u001b[B', enter: '\r', ctrlC: '\u0003' } as const;

/** The real command line on a pseudo-terminal. */
export function terminal(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string>; rows?: number; cols?: number },
): Terminal {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !['CI', 'NO_COLOR'].includes(entry[0]),
  );
  const size = { cols: options.cols ?? 100, rows: options.rows ?? 30 };
  const screen = new xterm.Terminal({ ...size, scrollback: 5000, allowProposedApi: true });
  const child = spawn(process.execPath, [join(root, 'bin', 'verify.js'), ...args], {
    ...size,
    cwd: options.cwd,
    env: { ...Object.fromEntries(inherited), TERM: 'xterm-256color', ...options.env },
  });
  child.onData((data) => screen.write(data));
  const text = (): string => {
    const buffer = screen.buffer.active;
    return Array.from({ length: buffer.length }, (_, n) => buffer.getLine(n)?.translateToString(true) ?? '').join('\n');
  };
  return {
    text,
    async shows(wanted) {
      await until(JSON.stringify(wanted), () => text().includes(wanted)).catch((error: unknown) => {
        throw new Error(`it is not on the screen:\n${text()}`, { cause: error });
      });
    },
    type: (typed) => child.write(typed),
    ended: new Promise((done) => {
      child.onExit(({ exitCode, signal }) => setTimeout(() => done({ code: exitCode, signal }), 100));
    }),
  };
}
