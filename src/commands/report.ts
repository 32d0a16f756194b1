import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exit, UserError } from '../core/errors.ts';
import { writeAtomically } from '../evidence/store.ts';
import { openOnDesktop } from '../hosts/desktop.ts';
import { writeIndex } from './history.ts';
import { render, type Format } from './render.ts';
import { findRun, type StoredRun } from './runs.ts';

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
    process.stdout.write(`${shown(path)}\n`);
    if (options.open === true) openOnDesktop(path);
    if (name === undefined) return 0;
  }
  if (name === undefined)
    throw new UserError(exit.usage, 'which run? give a milestone or the folder of a run, or --index');
  const run = findRun(name, reports);
  if (options.pdf === true) {
    // Beside the run's folder: the folder itself holds what the record names, and nothing else.
    const path =
      options.out === undefined ? join(dirname(run.folder), `${run.record.run.id}.pdf`) : resolve(options.out);
    writeAtomically(path, await pdfOf(run));
    process.stdout.write(`${shown(path)}\n`);
    if (options.open === true) openOnDesktop(path);
    return 0;
  }
  const format = options.format ?? 'html';
  const text = render(format, run.folder, run.record, run.text);
  if (options.out === undefined && format !== 'html') {
    process.stdout.write(text);
    return 0;
  }
  const path = options.out === undefined ? join(run.folder, 'FINAL_STATUS.html') : resolve(options.out);
  writeAtomically(path, text);
  process.stdout.write(`${shown(path)}\n`);
  if (options.open === true) openOnDesktop(path);
  return 0;
}

function shown(path: string): string {
  const way = relative(process.cwd(), path);
  return way.startsWith('..') ? path : way;
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
    const file = join(run.folder, 'FINAL_STATUS.html');
    writeAtomically(file, render('html', run.folder, run.record, run.text));
    await page.goto(pathToFileURL(file).href);
    return await page.pdf({ format: 'A4', printBackground: true, tagged: true, outline: true });
  } finally {
    await browser.close();
  }
}
