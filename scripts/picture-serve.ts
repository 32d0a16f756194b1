/** Makes the README's picture of `verify serve`: the page of a real run, while it goes. The run is then stopped. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser } from '../src/hosts/browser.ts';

const root = join(import.meta.dirname, '..');
const child = spawn(
  process.execPath,
  [join(root, 'bin/verify.js'), 'serve', 'milestone-16', '--target', 'examples/engram'],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
);
const ended = new Promise((done) => child.once('close', done));
const browser = await launchBrowser();
try {
  const link = await new Promise<string>((done) => {
    let text = '';
    child.stdout.on('data', (part: Buffer) => {
      text += part.toString();
      const found = /http:\S+\?token=\S+/.exec(text)?.[0];
      if (found !== undefined) done(found);
    });
  });
  const page = await browser.newPage();
  await page.setViewport({ width: 1180, height: 980, deviceScaleFactor: 1.5 });
  const becomes = async (expression: string): Promise<void> => {
    while ((await page.evaluate(expression).catch(() => false)) !== true)
      await new Promise((done) => setTimeout(done, 100));
  };
  await page.goto(link);
  await becomes(`document.querySelector('form[action=start]') !== null`);
  await page.click('form[action=start] button');
  await becomes(
    `document.querySelectorAll('.o-passed').length >= 7 && document.querySelectorAll('.o-running').length >= 2 && document.querySelector('[data-ask]')?.hidden === false`,
  );
  writeFileSync(join(root, 'docs', 'serve.png'), await page.screenshot());
} finally {
  await browser.close();
  child.kill('SIGINT');
  await ended;
}
