/** `npm run pictures`: makes the README's pictures from real runs: the live view on a pseudo-terminal, the report, and the page. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { launchBrowser } from '../src/hosts/browser.ts';

const root = join(import.meta.dirname, '..');
const cols = 96;
const rows = 30;
const terminal = new xterm.Terminal({ cols, rows, allowProposedApi: true });
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name, value]) => name !== 'CI' && value !== undefined),
) as Record<string, string>;
const child = spawn(
  process.execPath,
  [join(root, 'bin/verify.js'), 'milestone-16', '--target', 'examples/engram', '--no-ask'],
  { cols, rows, cwd: root, env: { ...env, TERM: 'xterm-256color' } },
);
child.onData((data) => terminal.write(data));
const palette = ['#484f58', '#ff7b72', '#7ee787', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#e6edf3'];
const escape = (text: string): string => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);

function screen(): string {
  const { active } = terminal.buffer;
  const lines: string[] = [];
  for (let y = 0; y < rows; y++) {
    const line = active.getLine(active.viewportY + y);
    let html = '';
    for (let x = 0; x < cols; x++) {
      const cell = line?.getCell(x);
      const text = cell?.getChars() ?? '';
      if (!cell || cell.getWidth() === 0) continue;
      const colour = cell.isFgPalette() ? palette[cell.getFgColor() % 8] : undefined;
      const style = `${colour === undefined ? '' : `color:${colour};`}${cell.isBold() ? 'font-weight:bold;' : ''}${cell.isDim() ? 'opacity:.6;' : ''}`;
      html += style === '' ? escape(text || ' ') : `<span style="${style}">${escape(text || ' ')}</span>`;
    }
    lines.push(html.trimEnd());
  }
  return lines.join('\n').trimEnd();
}

let middle = '';
const watch = setInterval(() => {
  const now = screen();
  if (/targets|exporter/.test(now) && middle === '') setTimeout(() => (middle = screen()), 900);
}, 200);
await new Promise<void>((done) => {
  child.onExit(() => done());
});
clearInterval(watch);
const browser = await launchBrowser();
try {
  const page = await browser.newPage();
  const shoot = async (html: string, width: number, file: string, max: number): Promise<void> => {
    await page.setViewport({ width, height: 400, deviceScaleFactor: 2 });
    await page.setContent(html);
    const height = Math.min(max, (await page.evaluate('document.documentElement.scrollHeight')) as number);
    writeFileSync(join(root, 'docs', file), await page.screenshot({ clip: { x: 0, y: 0, width, height } }));
  };
  await shoot(
    `<style>html{background:#0d1117}pre{margin:20px;color:#e6edf3;font:14px/1.45 "DejaVu Sans Mono",monospace}</style><pre>${middle || screen()}</pre>`,
    900,
    'live.png',
    900,
  );
  await page.setViewport({ width: 1180, height: 1500, deviceScaleFactor: 1.5 });
  await page.goto(pathToFileURL(join(root, 'reports/milestone-16/latest/FINAL_STATUS.html')).href);
  writeFileSync(join(root, 'docs', 'report.png'), await page.screenshot());
} finally {
  await browser.close();
}
await import('./picture-serve.ts');
