/**
 * `npm run grafana:panels`: draws panels with the components that Grafana itself publishes (`@grafana/scenes` and `@grafana/ui`,
 * Apache-2.0) in Chromium, and keeps their DOM as `test/rig/grafana/published/<version>.html`. The double's pages are made of it, and
 * the selectors are held against it. The packages take about 450 MB for each version, and are therefore no devDependencies: they go
 * into a folder of the system's temporary ones, and stay there for the next time.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { launchBrowser } from '../src/hosts/browser.ts';
import { until } from '../test/rig/until.ts';

const root = join(import.meta.dirname, '..');
const published = join(root, 'test/rig/grafana/published');
/** A version of Grafana, and the scenes and React that it is built with. Source: its package.json. */
const versions = [
  { grafana: '11.5.0', scenes: '5.36.0', react: '18' },
  { grafana: '13.2.3', scenes: '9.2.2', react: '19' },
];

async function bundle(folder: string): Promise<string> {
  cpSync(join(published, 'panels.js'), join(folder, 'panels.js'));
  const build = await rolldown({
    cwd: folder,
    input: 'panels.js',
    platform: 'browser',
    shimMissingExports: true,
    moduleTypes: { '.css': 'empty', '.svg': 'dataurl' },
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    onLog: () => undefined,
    // 11.5.0 was published with a path of its own build in it.
    plugins: [
      {
        name: 'published-path',
        resolveId(id) {
          const name = /(?:^|\/)node_modules\/([\w-]+)\//.exec(id)?.[1];
          return id.startsWith('../node_modules/') && name !== undefined
            ? this.resolve(name, join(folder, 'panels.js'))
            : null;
        },
      },
    ],
  });
  await build.write({ dir: join(folder, 'out'), format: 'esm', minify: true, codeSplitting: false });
  return readFileSync(join(folder, 'out/panels.js'), 'utf8');
}

async function domOf(script: string): Promise<string> {
  const page = '<!doctype html><div id="root" style="display:flex;width:1200px;height:1400px"></div>';
  const server = createServer(({ url }, response) => {
    const [type, text] = url === '/panels.js' ? ['text/javascript', script] : ['text/html', page];
    response.writeHead(url === '/panels.js' || url === '/' ? 200 : 404, { 'content-type': type }).end(text);
  }).listen(0, '127.0.0.1');
  const browser = await launchBrowser();
  try {
    const tab = await browser.newPage();
    await tab.setViewport({ width: 1250, height: 1500 });
    const errors: string[] = [];
    tab.on('pageerror', (error) => errors.push(String(error)));
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await tab.addScriptTag({ url: '/panels.js', type: 'module' });
    const drawn = 'document.querySelectorAll("[data-viz-panel-key] section canvas").length';
    await until(`a drawing (${errors.join('; ')})`, async () => Number(await tab.evaluate(drawn)) >= 6);
    return (await tab.evaluate('document.querySelector("#root").innerHTML')) as string;
  } finally {
    await browser.close();
    server.close();
  }
}

for (const { grafana, scenes, react } of versions) {
  const folder = join(tmpdir(), `verify-grafana-${grafana}`);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'node_modules/@grafana/scenes'))) {
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
    const own = ['ui', 'runtime', 'data', 'schema', 'e2e-selectors', ...(grafana.startsWith('11') ? [] : ['i18n'])];
    const wanted = [
      ...own.map((name) => `@grafana/${name}@${grafana}`),
      `@grafana/scenes@${scenes}`,
      ...['react', 'react-dom'].map((name) => `${name}@${react}`),
      'react-router-dom@6',
      'rxjs@7',
    ];
    execFileSync('npm', ['i', '--legacy-peer-deps', '--ignore-scripts', ...wanted], { cwd: folder, stdio: 'inherit' });
  }
  const dom = await domOf(await bundle(folder));
  // Where the script was served from, and what is named anew in each run.
  const lasting = dom
    .replaceAll(/<br>\s*at [^<]*(?=<)/g, '')
    .replaceAll(/\n\s+at [^\n<]*/g, '')
    .replaceAll(/ data-griditem-key="[0-9a-f-]{36}"/g, '');
  writeFileSync(
    join(published, `${grafana}.html`),
    `<!-- Drawn by @grafana/scenes ${scenes} and @grafana/ui ${grafana} (Apache-2.0, Grafana Labs): npm run grafana:panels -->\n${lasting}\n`,
  );
  process.stdout.write(`${grafana}: ${lasting.length} characters\n`);
}
