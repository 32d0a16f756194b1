import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { render } from '../../src/runs/render.ts';
import { keepPictures } from '../../src/engine/pictures.ts';
import { maxInline } from '../../src/core/pictures.ts';
import type { RunRecord, StepRecord } from '../../src/core/record.ts';
import { compareImages, pngSize, readPng } from '../../src/evidence/png.ts';
import { smallPng } from '../../src/evidence/small-png.ts';
import { Redactor } from '../../src/evidence/redact.ts';
import { EvidenceStore } from '../../src/evidence/store.ts';
import { signOffText } from '../../src/signoff/statement.ts';
import { runRecord, stepRecord, storeRun } from '../rig/record.ts';
import { tempDir } from '../rig/run-step.ts';

/** A picture whose pixels are what `at` says. */
function png(width: number, height: number, at: (x: number, y: number) => [number, number, number]): Buffer {
  const picture = new PNG({ width, height });
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) picture.data.set([...at(x, y), 255], (y * width + x) * 4);
  return PNG.sync.write(picture);
}
const halves = (split: number): Buffer => png(40, 20, (x) => (x < split ? [255, 255, 255] : [10, 20, 200]));
/** Hardly compressible, hence large. */
const noise = (seed: number): Buffer =>
  png(1500, 300, (x, y) => {
    const n = Math.imul(x * 73_856_093 + y * 19_349_663 + seed, 2_654_435_761) >>> 0;
    return [n & 255, (n >> 8) & 255, (n >> 16) & 255];
  });

describe('PNG', () => {
  const small = async (picture: Parameters<typeof smallPng>[0], width: number): Promise<Buffer> => {
    const made = await smallPng(picture, width);
    if (!made) throw new Error('not read');
    return made;
  };
  it('a picture of few colours is kept as it is, in a palette', async () => {
    const made = await small(halves(10), 500);
    expect(pngSize(made)).toEqual({ width: 40, height: 20 });
    expect(PNG.sync.read(made).data.equals(PNG.sync.read(halves(10)).data)).toBe(true);
    expect(made[25]).toBe(3);
  });
  it('more than 256 colours become 256', async () => {
    const read = PNG.sync.read(
      await small(
        png(256, 64, (x, y) => [x, y * 4, 255 - x]),
        256,
      ),
    ).data;
    const colours = new Set(Array.from({ length: 256 * 64 }, (_, n) => read.readUInt32BE(n * 4)));
    expect(colours.size).toBeGreaterThan(64);
    expect(colours.size).toBeLessThanOrEqual(256);
  });
  it('what shows through is white, and what is made smaller the mean of what it was', async () => {
    const clear = { width: 2, height: 1, data: new Uint8Array([0, 0, 0, 0, 0, 0, 0, 255]) };
    expect([...PNG.sync.read(await small(clear, 2)).data]).toEqual([255, 255, 255, 255, 0, 0, 0, 255]);
    expect([...PNG.sync.read(await small(clear, 1)).data]).toEqual([128, 128, 128, 255]);
  });
  it('shrinks pixels too, keeps the proportions, and never grows', async () => {
    const pixels = await readPng(halves(20));
    if (!pixels) throw new Error('not read');
    expect(pngSize(await small(pixels, 20))).toEqual({ width: 20, height: 10 });
    expect(pngSize(await small(pixels, 500))).toEqual({ width: 40, height: 20 });
  });
  it.each([
    ['no picture', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['a picture that is cut', halves(10).subarray(0, 60)],
    [
      'one that claims to be a billion pixels',
      (() => {
        const huge = Buffer.from(halves(10));
        huge.writeUInt32BE(40_000, 16);
        huge.writeUInt32BE(40_000, 20);
        return huge;
      })(),
    ],
    ['a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46])],
    ['nothing', Buffer.alloc(0)],
  ])('%s is not read', async (_, data) => {
    expect(await readPng(data)).toBeUndefined();
    expect(await smallPng(data, 10)).toBeUndefined();
  });
  it('counts the pixels that differ; other sizes cannot be compared', async () => {
    const [a, b, other] = await Promise.all([
      readPng(halves(10)),
      readPng(halves(14)),
      readPng(png(4, 4, () => [0, 0, 0])),
    ]);
    if (!a || !b || !other) throw new Error('not read');
    expect(await compareImages(a, b)).toMatchObject({ differing: 80, total: 800 });
    expect(await compareImages(a, a)).toMatchObject({ differing: 0 });
    expect(await compareImages(a, other)).toBeUndefined();
  });
});

describe('pictures beside those of an earlier run', () => {
  const day = (n: number): string => `2026-11-0${n}T10-00-00Z-aaaaaa`;

  /** A run's folder with pictures as `evidence/shots/…`, and its record. */
  async function run(
    reports: string,
    milestone: string,
    id: string,
    pictures: Record<string, Buffer>,
    more: { decision?: 'approve' | 'reject' } = {},
  ): Promise<{ step: StepRecord; folder: string; html: string }> {
    const folder = join(reports, milestone, id);
    mkdirSync(join(folder, 'evidence'), { recursive: true });
    const store = new EvidenceStore(folder, Redactor.ofEnvironment({}, new Set()));
    for (const [name, data] of Object.entries(pictures)) store.write('shots', name, data);
    const step = stepRecord({ id: 'shots', evidence: store.seal('shots') });
    await keepPictures([step], store, reports, { milestone, id });
    const record = runRecord([step], { manifest: store.manifest() });
    const text = JSON.stringify(record);
    writeFileSync(join(folder, 'record.json'), text);
    if (more.decision) signOff(folder, record, more.decision);
    return { step, folder, html: render('html', folder, record, text) };
  }

  function signOff(folder: string, record: RunRecord, decision: 'approve' | 'reject'): void {
    mkdirSync(join(folder, 'signoffs'), { recursive: true });
    const digest = '0'.repeat(64);
    const predicate = {
      decision,
      role: 'release-manager',
      principal: 'alice@example.org',
      key: `SHA256:${'x'.repeat(43)}`,
      comment: '',
      at: '2026-11-01T10:00:00.000Z',
      number: 1,
      milestone: 'm',
      runId: record.run.id,
      verdict: record.verdict,
    };
    writeFileSync(
      join(folder, 'signoffs/1-release-manager.json'),
      signOffText(record, { record: digest, attestation: digest }, predicate),
    );
  }

  it('a first run has nothing to stand beside', async () => {
    const { step, html } = await run(tempDir(), 'm', day(1), { 'a-light.png': halves(10) });
    expect(step.pictures).toBeUndefined();
    expect(html).not.toContain('class="before"');
  });
  it('keeps a copy of the earlier picture and the difference, and counts it', async () => {
    const reports = tempDir();
    const first = await run(reports, 'm', day(1), { 'a.png': halves(10), 'same.png': halves(5) });
    const { step, folder, html } = await run(reports, 'm', day(2), { 'a.png': halves(14), 'same.png': halves(5) });
    expect(step.pictures).toEqual([
      {
        path: 'evidence/shots/a.png',
        before: {
          run: `m/${day(1)}`,
          path: 'evidence/shots/before-a.png',
          differing: 80,
          total: 800,
          difference: 'evidence/shots/difference-a.png',
        },
      },
      { path: 'evidence/shots/same.png', before: { run: `m/${day(1)}` } },
    ]);
    expect(readFileSync(join(folder, 'evidence/shots/before-a.png')).equals(halves(10))).toBe(true);
    expect(step.evidence.map((file) => file.path)).toContain('evidence/shots/difference-a.png');
    expect(html).toMatch(/10\.0 % changed[\s\S]*before, in m\/2026-11-01[\s\S]*in red: 10\.0 % changed/);
    expect(html).toContain('the same file as in');
    // What was made of the pictures is no picture of the next run's.
    const third = await run(reports, 'm', day(3), { 'a.png': halves(14), 'before-a.png': halves(3) });
    expect(third.step.pictures).toEqual([{ path: 'evidence/shots/a.png', before: { run: `m/${day(2)}` } }]);
    expect(first.folder).not.toBe(folder);
  });
  it('the run that was approved last stands before the last run; a rejected one does not', async () => {
    const reports = tempDir();
    await run(reports, 'm-15', day(1), { 'a.png': halves(1) }, { decision: 'approve' });
    await run(reports, 'm-15', day(2), { 'a.png': halves(2) }, { decision: 'reject' });
    await run(reports, 'm-16', day(3), { 'a.png': halves(3), 'b.png': halves(4) });
    const { step } = await run(reports, 'm-16', day(4), { 'a.png': halves(9), 'b.png': halves(9) });
    expect(step.pictures?.map(({ before }) => before?.run)).toEqual([`m-15/${day(1)}`, `m-16/${day(3)}`]);
  });
  it('an earlier picture that is not the recorded one is left out, and a broken record too', async () => {
    const reports = tempDir();
    const { folder } = await run(reports, 'm', day(1), { 'a.png': halves(10) });
    writeFileSync(join(folder, 'evidence/shots/a.png'), halves(11));
    expect((await run(reports, 'm', day(2), { 'a.png': halves(14) })).step.pictures).toBeUndefined();
    mkdirSync(join(reports, 'm', day(3)));
    writeFileSync(join(reports, 'm', day(3), 'record.json'), '{');
    expect((await run(reports, 'm', day(4), { 'a.png': halves(14) })).step.pictures).toBeUndefined();
  });
  it('pictures of other sizes, and broken ones, stand beside each other without a number', async () => {
    const reports = tempDir();
    await run(reports, 'm', day(1), { 'a.png': png(8, 8, () => [1, 2, 3]), 'b.png': Buffer.from('none') });
    const { step, html } = await run(reports, 'm', day(2), { 'a.png': halves(9), 'b.png': Buffer.from('no picture') });
    expect(step.pictures?.map(({ before }) => before)).toEqual([
      { run: `m/${day(1)}`, path: 'evidence/shots/before-a.png' },
      { run: `m/${day(1)}`, path: 'evidence/shots/before-b.png' },
    ]);
    expect(html).toContain('cannot be laid over each other');
  });
  it('of a large picture a smaller copy is in the page, and nothing is linked but its full size', async () => {
    const { step, folder, html } = await run(tempDir(), 'm', day(1), { 'a.png': noise(1) });
    const small = step.pictures?.[0]?.small ?? '';
    expect(small).toBe('evidence/shots/small-a.png');
    const data = readFileSync(join(folder, small));
    expect(pngSize(data)?.width).toBe(1200);
    if (data.length > maxInline) expect(html).toContain('src="evidence/shots/a.png"');
    else expect(html).toContain(data.toString('base64'));
  });

  let stored: ReturnType<typeof storeRun>;
  beforeAll(() => {
    const step = stepRecord({
      id: 'a',
      pictures: [
        { path: 'evidence/a/picture.png', small: '../../etc/x.png', before: { run: 'm/x', path: '/etc/y.png' } },
      ],
    });
    stored = storeRun(runRecord([step]));
  });
  it('a record that names files elsewhere has them neither shown nor linked', () => {
    const html = render('html', stored.folder, stored.record, stored.text);
    expect(html).not.toMatch(/(?:href|src)="[^"]*etc/);
  });
});
