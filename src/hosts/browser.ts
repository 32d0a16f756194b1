import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { platform } from 'node:os';
import type { Browser } from 'puppeteer-core';
import { Unobservable } from '../core/errors.ts';

const names = 'chromium chromium-browser google-chrome google-chrome-stable chrome microsoft-edge msedge'.split(' ');
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/snap/bin/chromium',
];

function executable(path: string | undefined): path is string {
  if (path === undefined || path === '') return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Chrome or Chromium: PUPPETEER_EXECUTABLE_PATH, PATH, the usual places, puppeteer's cache. */
export async function findBrowser(): Promise<string | undefined> {
  const named = process.env['PUPPETEER_EXECUTABLE_PATH'];
  if (named !== undefined && named !== '') return executable(named) ? named : undefined;
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) if (executable(join(folder, name))) return join(folder, name);
  }
  const found = places.find(executable);
  if (found !== undefined) return found;
  const { executablePath } = await import('puppeteer-core');
  try {
    const cached = await executablePath('chrome');
    return executable(cached) ? cached : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Starts the browser without a window, with pictures that do not depend on the machine's screen.
 * @throws Unobservable `no-browser` where there is none, `browser-failed` where it does not start
 */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await findBrowser();
  if (executablePath === undefined) {
    throw new Unobservable('no-browser', 'no Chrome or Chromium was found', {
      hint: 'install one (Debian: apt-get install chromium), or set PUPPETEER_EXECUTABLE_PATH',
    });
  }
  const { default: puppeteer } = await import('puppeteer-core');
  const root = platform() === 'linux' && process.getuid?.() === 0;
  try {
    return await puppeteer.launch({
      executablePath,
      pipe: true,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      protocolTimeout: 30_000,
      args: [
        ...(root ? ['--no-sandbox'] : []),
        '--hide-scrollbars',
        '--force-color-profile=srgb',
        '--font-render-hinting=none',
        '--disable-lcd-text',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    });
  } catch (cause) {
    throw new Unobservable('browser-failed', `the browser ${executablePath} did not start: ${String(cause)}`, {
      cause,
    });
  }
}
