import { posix } from 'node:path';
import { escapeRegex } from '../core/patterns.ts';
import { RouteBook, routesOf } from '../formats/http/routes.ts';
import type { Sources } from './sources.ts';

/** A file that gathers routes for another one to mount, and that starts no server itself. */
const gathers = {
  '.py': /\b(?:APIRouter|Blueprint)\(/,
  '.js': /\b(?:express\.)?Router\(\)/,
  '.ts': /\b(?:express\.)?Router\(\)/,
} as const;
const serves =
  /\b(?:FastAPI|Flask|Starlette|express|fastify)\(|\.listen\(|\bapp\.(?:use|get|post|put|patch|delete|route)\(|\b(?:include_router|register_blueprint)\(/i;
/** Files that are loaded by what a folder holds. */
const loadsAll =
  /\b(?:pkgutil|iter_modules|import_module|__import__|importlib|readdirSync|readdir|glob|autoload|require\.context|import\.meta\.glob)\b/;
const mounts = /\binclude_router\b|\bregister_blueprint\b|\.use\(|\b(?:APIRouter|Blueprint|Router)\(/;
const isTest = /(?:^|\/)(?:tests?|__tests__|e2e|examples?|docs?)\/|(?:^|\/)test_|[._-](?:test|spec)\./;

const known = new WeakMap<Sources, Promise<{ file: string; book: RouteBook }[]>>();

/** The files of routes that no other file imports, each with its routes. */
export function unmountedRoutes(sources: Sources): Promise<{ file: string; book: RouteBook }[]> {
  const asked = known.get(sources) ?? unmounted(sources);
  known.set(sources, asked);
  return asked;
}

async function unmounted(sources: Sources): Promise<{ file: string; book: RouteBook }[]> {
  const files = [...(await sources.matching(/\.(?:py|[jt]s)$/))].filter(([path]) => !isTest.test(path));
  const found = files.filter(([path, text]) => {
    const ending = posix.extname(path) as keyof typeof gathers;
    return gathers[ending].test(text) && !serves.test(text.replace(/express\.Router\(\)/g, ''));
  });
  if (found.length === 0 || files.some(([, text]) => mounts.test(text) && loadsAll.test(text))) return [];
  return found
    .filter(([path]) => {
      const pattern = path.endsWith('.py') ? importOfPython(path) : importOfNode(path);
      return files.every(([other, text]) => other === path || !pattern.test(text));
    })
    .map(([file, text]) => ({ file, book: new RouteBook([routesOf(file, text)]) }));
}

/** `from .metrics import`, `from app.routes.metrics import`, `from app.routes import (users, metrics)`, and its name in quotes. */
function importOfPython(path: string): RegExp {
  const own = posix.basename(path, '.py');
  const name = escapeRegex(own === '__init__' ? posix.basename(posix.dirname(path)) : own);
  const parent = escapeRegex(
    posix.basename(own === '__init__' ? posix.dirname(posix.dirname(path)) : posix.dirname(path)),
  );
  return new RegExp(
    String.raw`\bfrom\s+(?:\.+(?:\w+\.)*|(?:[\w.]*\.)?${parent}\.|)${name}(?:\s+import|\.)|\bimport\s+(?:[\w.]*\.)?${name}\b|\bfrom\s+[\w.]+\s+import\s+(?:\([^)]*\b${name}\b|[^\n(]*\b${name}\b)|["'](?:\w+\.)+${name}(?:[.:]\w+)?["']`,
  );
}

function importOfNode(path: string): RegExp {
  const own = posix.basename(path).replace(/\.[jt]s$/, '');
  const name = escapeRegex(own === 'index' ? posix.basename(posix.dirname(path)) : own);
  return new RegExp(`["'\`][^"'\`\\n]*\\b${name}(?:/index)?(?:\\.[jt]s)?["'\`]`);
}
