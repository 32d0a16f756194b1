import { decodeText } from '../data/decode.ts';
import { objectOf } from '../data/json-parts.ts';
import { below, type XmlElement } from '../data/xml.ts';
import { LineHits, type Coverage, type FileCoverage } from './coverage.ts';
import { wholeJson, wholeXml } from '../data/whole.ts';

/**
 * The coverage in a report's bytes: lcov, Cobertura, JaCoCo, Go's coverprofile, Istanbul's summary and coverage.py's JSON.
 * @throws Error with words for people where it is none of these, or not whole
 */
export function readCoverage(bytes: Uint8Array | string): Coverage {
  const coverage = readAny(bytes);
  for (const { path, covered, total } of coverage.files)
    if (!(covered >= 0 && covered <= total)) throw new Error(`${path} says that ${covered} of ${total} lines ran`);
  return coverage;
}

function readAny(bytes: Uint8Array | string): Coverage {
  const text = typeof bytes === 'string' ? bytes : decodeText(bytes);
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (start === '') throw new Error('it is empty');
  if (start.startsWith('<')) return readXml(start);
  if (start.startsWith('{')) return readJson(start);
  if (/^mode: (?:set|count|atomic)\b/.test(start)) return { format: 'Go coverprofile', files: coverprofile(start) };
  if (/^(?:TN|SF|VER):/.test(start)) return { format: 'lcov', files: lcov(start) };
  throw new Error('it is neither lcov, Cobertura, JaCoCo nor a coverprofile of Go');
}

/** Source: geninfo(1), section FILES. */
function lcov(text: string): FileCoverage[] {
  const hits = new LineHits();
  /** Of files whose lines are not told, only their number. */
  const sums = new Map<string, { covered: number; total: number }>();
  let path: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, key, number] = /^(L[FH]):(\d+)\s*$/.exec(line) ?? [];
    if (path !== undefined && key !== undefined) {
      const sum = sums.get(path) ?? { covered: 0, total: 0 };
      sums.set(path, { ...sum, [key === 'LF' ? 'total' : 'covered']: Number(number) });
    }
    if (line.startsWith('SF:')) {
      path = line.slice(3).trim();
      hits.file(path);
    } else if (line === 'end_of_record') path = undefined;
    else if (path !== undefined && line.startsWith('DA:')) {
      const [number, count] = line.slice(3).split(',').map(Number);
      if (number !== undefined && count !== undefined && Number.isFinite(count)) hits.hit(path, number, count > 0);
    }
  }
  if (path !== undefined) throw new Error(`the record of ${path} has no end_of_record: it was cut`);
  return hits.files().map((one) => {
    const { covered, total } = sums.get(one.path) ?? one;
    if (one.total > 0) return one;
    return { path: one.path, covered, total };
  });
}

/** Go counts statements: blocks `file:from,to statements count`; a block that stands twice ran where one of them did. */
function coverprofile(text: string): FileCoverage[] {
  const files = new Map<string, Map<string, { statements: number; ran: boolean }>>();
  for (const [n, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || line.startsWith('mode:')) continue;
    const match = /^(.+):(\d+\.\d+,\d+\.\d+) (\d+) (\d+)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined)
      throw new Error(`line ${n + 1} is not a block of a coverprofile: ${line.slice(0, 100)}`);
    const blocks = files.get(match[1]) ?? new Map<string, { statements: number; ran: boolean }>();
    files.set(match[1], blocks);
    const ran = Number(match[4]) > 0 || blocks.get(match[2])?.ran === true;
    blocks.set(match[2], { statements: Number(match[3]), ran });
  }
  return [...files].map(([path, blocks]) => ({
    path,
    total: [...blocks.values()].reduce((sum, one) => sum + one.statements, 0),
    covered: [...blocks.values()].reduce((sum, one) => sum + (one.ran ? one.statements : 0), 0),
  }));
}

function readXml(text: string): Coverage {
  const root = wholeXml(text);
  if (root.name === 'coverage') return { format: 'Cobertura', files: cobertura(root) };
  if (root.name === 'report') return { format: 'JaCoCo', files: jacoco(root) };
  throw new Error(`<${root.name}> is not a coverage report that is known`);
}

/** Source: cobertura's coverage-04.dtd; paths are relative to one of `<sources>`. */
function cobertura(root: XmlElement): FileCoverage[] {
  const hits = new LineHits();
  for (const one of below(root, 'class')) {
    const path = one.attributes['filename'] ?? '';
    hits.file(path);
    // Lines stand below the class, and below its methods again.
    for (const line of below(one, 'line'))
      hits.hit(path, Number(line.attributes['number']), Number(line.attributes['hits']) > 0);
  }
  return hits.files();
}

/** Source: JaCoCo's report.dtd: of a source file the counter LINE, else its lines, of which `ci` instructions ran. */
function jacoco(root: XmlElement): FileCoverage[] {
  return [...below(root, 'package')].flatMap((pack) =>
    pack.children
      .filter((one) => one.name === 'sourcefile')
      .map((file): FileCoverage => {
        const path = [pack.attributes['name'] ?? '', file.attributes['name'] ?? '']
          .filter((part) => part !== '')
          .join('/');
        const counter = file.children.find((one) => one.name === 'counter' && one.attributes['type'] === 'LINE');
        const lines = file.children.filter((one) => one.name === 'line');
        const covered = counter
          ? Number(counter.attributes['covered'])
          : lines.filter((one) => Number(one.attributes['ci']) > 0).length;
        return { path, covered, total: counter ? covered + Number(counter.attributes['missed']) : lines.length };
      }),
  );
}

/** Istanbul's coverage-summary.json and coverage-final.json; coverage.py's JSON. */
function readJson(text: string): Coverage {
  const root = wholeJson(text);
  const files: FileCoverage[] = [];
  const python = 'files' in root && 'totals' in root;
  for (const [path, value] of Object.entries(python ? objectOf(root['files']) : root)) {
    const one = objectOf(value);
    const [summary, lines, map] = [objectOf(one['summary']), objectOf(one['lines']), objectOf(one['statementMap'])];
    const ran = one['executed_lines'];
    if (python && Array.isArray(ran) && 'covered_lines' in summary && ran.length !== Number(summary['covered_lines']))
      throw new Error(`${path} says that ${Number(summary['covered_lines'])} lines ran, and lists ${ran.length}`);
    if (python && 'num_statements' in summary)
      files.push({ path, covered: Number(summary['covered_lines']), total: Number(summary['num_statements']) });
    else if (path !== 'total' && 'covered' in lines)
      files.push({ path, covered: Number(lines['covered']), total: Number(lines['total']) });
    else if (Object.keys(map).length > 0 || 's' in one) {
      const hits = new LineHits();
      hits.file(path);
      for (const [id, place] of Object.entries(map))
        hits.hit(path, Number(objectOf(objectOf(place)['start'])['line']), Number(objectOf(one['s'])[id]) > 0);
      files.push(...hits.files());
    } else if (path !== 'total') throw new Error('its JSON is neither Istanbul’s nor that of coverage.py');
  }
  return { format: python ? 'coverage.py JSON' : 'Istanbul JSON', files };
}
