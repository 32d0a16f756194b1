import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exit, UserError } from '../core/errors.ts';
import { runName } from '../core/run-name.ts';
import { isIndex, isRendering, mayReplace, pdfMark } from '../evidence/own-mark.ts';
import { writeAtomically } from '../evidence/store.ts';
import { openOnDesktop } from '../hosts/desktop.ts';
import { writeIndex } from '../runs/history.ts';
import { isOwn, render, type Format } from '../runs/render.ts';
import { findRun, type StoredRun } from '../runs/runs.ts';
import { nearPath } from './shared.ts';

export interface ReportOptions {
  reports?: string;
  format?: Format;
  out?: string;
  open?: boolean;
  pdf?: boolean;
  index?: boolean;
}

/**
 * `verify report`: renders a stored record again. The page goes to the run's folder, or with --out elsewhere; the other formats go
 * to standard output.
 */
export async function reportCommand(name: string | undefined, options: ReportOptions): Promise<number> {
  const reports = resolve(options.reports ?? 'reports');
  if (options.index === true) {
    const path = writeIndex(reports);
    process.stdout.write(`${nearPath(path)}\n`);
    if (options.open === true) openOnDesktop(path);
    if (name === undefined) return 0;
  }
  if (name === undefined)
    throw new UserError(exit.usage, 'which run? give a milestone or the folder of a run, or --index');
  const run = findRun(name, reports);
  if (options.pdf === true) {
    // Beside the run's folder: the folder itself holds what the record names, and nothing else.
    const path = outside(options.out ?? join(dirname(run.folder), `${run.record.run.id}.pdf`));
    writeAtomically(path, Buffer.concat([await pdfOf(run), Buffer.from(pdfMark)]));
    process.stdout.write(`${nearPath(path)}\n`);
    if (options.open === true) openOnDesktop(path);
    return 0;
  }
  const format = options.format ?? 'html';
  const rendered = render(format, run.folder, run.record, run.text);
  if (options.out === undefined && format !== 'html') {
    process.stdout.write(rendered);
    return 0;
  }
  const path = options.out === undefined ? placeOf(run) : outside(options.out);
  writeAtomically(path, format === 'html' ? relinked(rendered, dirname(path), run.folder) : rendered);
  process.stdout.write(`${nearPath(path)}\n`);
  if (options.open === true) openOnDesktop(path);
  return 0;
}

/** Where `--out` writes. @throws UserError 73 where that is a file of a run, git's own, or what verify did not make */
function outside(out: string): string {
  const path = resolve(out);
  const own = path.split(sep).find((part) => part === '.git' || runName.test(part));
  if (own === undefined) {
    mayReplace(path, (text) => isRendering(text) && !isIndex(text), 'name another file, or remove it first');
    return path;
  }
  throw new UserError(
    exit.cannotCreate,
    `--out ${out} is not written: ${own === '.git' ? 'what is below .git is git’s own' : 'the files of a run stay as the run left them'}`,
    { hint: 'name a file elsewhere' },
  );
}

/**
 * Where the page goes. The folder of a run that another version made is left as it is: its gate compares the page with the one
 * that it wrote.
 */
const placeOf = ({ folder, text }: StoredRun): string =>
  isOwn(text) ? join(folder, 'FINAL_STATUS.html') : join(dirname(folder), `${basename(folder)}.html`);

/** The page with its links to the run's files as they are seen from another folder. */
function relinked(html: string, from: string, folder: string): string {
  const way = relative(from, folder);
  if (way === '') return html;
  const prefix = `${way.split(sep).map(encodeURIComponent).join('/')}/`;
  return html.replace(
    / (href|src)="(evidence\/|record\.json")/g,
    (_, name: string, to: string) => ` ${name}="${prefix}${to}`,
  );
}

/** Prints the page through the browser that takes the pictures; no script runs, and nothing is fetched but files. */
async function pdfOf(run: StoredRun): Promise<Uint8Array> {
  const { launchBrowser } = await import('../hosts/browser.ts');
  const browser = await launchBrowser().catch((cause: unknown) => {
    throw new UserError(exit.inconclusive, `no PDF: ${(cause as Error).message}`, {
      cause,
      hint: (cause as { hint?: string }).hint,
    });
  });
  try {
    const page = await browser.newPage();
    await page.setJavaScriptEnabled(false);
    const file = placeOf(run);
    writeAtomically(file, relinked(render('html', run.folder, run.record, run.text), dirname(file), run.folder));
    await page.goto(pathToFileURL(file).href);
    // A browser prints a link to a file as the whole path on this machine.
    await page.evaluate(
      `for (const link of document.querySelectorAll('a[href]:not([href^="#"]):not([href*="://"])')) link.removeAttribute('href')`,
    );
    return await page.pdf({ format: 'A4', printBackground: true, tagged: true, outline: true });
  } finally {
    await browser.close();
  }
}
