import { spawn } from 'node:child_process';

/** Opens a file with the desktop's own program. */
export function openOnDesktop(path: string): void {
  const [file, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['explorer'] : ['xdg-open'];
  const child = spawn(file ?? 'xdg-open', [...args, path], { stdio: 'ignore', detached: true });
  child.on('error', () =>
    process.stderr.write(`nothing here opens files (${file} is missing); open ${path} yourself\n`),
  );
  child.unref();
}
