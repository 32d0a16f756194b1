#!/usr/bin/env node
// Starts the command line under a Node that it can run on: this one, else the one that npm has on PATH (the `node` package).
// It loads little: `verify --version` needs no more than this file.

// An import makes a facade that reads every export of the module, the streams among them; an old Node knows nothing else.
const builtin = async (name) => process.getBuiltinModule?.(name) ?? import(name);
const { existsSync, readFileSync } = await builtin('node:fs');
const modules = await builtin('node:module');

const [major, minor] = process.versions.node.split('.').map(Number);
const current = (major === 22 && minor >= 22) || (major === 24 && minor >= 15) || major >= 26;
const words = process.argv.slice(2);

const launcher = Number(process.env.VERIFY_LAUNCHER ?? 0);
delete process.env.VERIFY_LAUNCHER;
if (current && launcher > 0) {
  const watch = setInterval(() => {
    if (process.ppid === launcher) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  watch.unref();
}

if (!current) (await import('./other-node.js')).start(words);
else if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  // A reader that closes the pipe early is no error.
  process.stdout.on('error', (error) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`error: standard output cannot be written: ${error.message}\n`);
    process.exitCode = 74;
  });
  process.stdout.write(`${version}\n`);
} else {
  modules.enableCompileCache();
  const source = new URL('../src/cli.ts', import.meta.url);
  await import(existsSync(source) ? source.href : new URL('../dist/cli.js', import.meta.url).href);
}
