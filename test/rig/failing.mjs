/**
 * Preloaded into a run (`node --import`): the n-th call of one kind fails, as VERIFY_FAIL=kind:n says, or with kind:=ending each of a path
 * with that ending. What was called is counted into
 * the file VERIFY_FAIL_LOG when the process ends, and on a second line which call was made to fail.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const [kind = '', nth = '0'] = (process.env['VERIFY_FAIL'] ?? '').split(':');
delete process.env['VERIFY_FAIL'];
const log = process.env['VERIFY_FAIL_LOG'];
delete process.env['VERIFY_FAIL_LOG'];
delete process.env['NODE_OPTIONS'];
let calls = 0;
let failed = '';

/** Is this the call that fails? */
function fails(of, what) {
  if (of !== kind) return false;
  calls++;
  if (nth.startsWith('=') ? !what.endsWith(nth.slice(1)) : calls !== Number(nth)) return false;
  const frames = new Error().stack.split('\n').slice(3);
  failed = `${what}, ${frames.map((line) => line.trim().replace(/file:.*?\/(?=src\/)/, '')).join(' ')}`;
  return true;
}
const failure = (code, syscall) =>
  Object.assign(new Error(`${code}: made to fail, ${syscall}`), { code, syscall, errno: -28 });

const below = process.env['VERIFY_FAIL_BELOW'] ?? '/';
delete process.env['VERIFY_FAIL_BELOW'];
/** Only what lies below this folder, or is open already: neither node's modules nor /proc, of which anything may be gone. */
const counts = (path) => typeof path !== 'string' || path.startsWith(below);

function wrapSync(holder, name, of, code) {
  const real = holder[name];
  holder[name] = function (...args) {
    if (counts(args[0]) && fails(of, `${name} ${args[0]}`)) throw failure(code, name);
    return real.apply(this, args);
  };
}
function wrapPromise(holder, name, of, code) {
  const real = holder[name];
  holder[name] = async function (...args) {
    if (counts(args[0]) && fails(of, `${name} ${args[0]}`)) throw failure(code, name);
    return real.apply(this, args);
  };
}

for (const name of [
  'writeSync',
  'writeFileSync',
  'appendFileSync',
  'renameSync',
  'mkdirSync',
  'fsyncSync',
  'symlinkSync',
])
  wrapSync(fs, name, 'write', 'ENOSPC');
for (const name of ['writeFile', 'appendFile', 'rename', 'mkdir', 'cp', 'copyFile'])
  wrapPromise(fs.promises, name, 'write', 'ENOSPC');
for (const name of ['openSync', 'readFileSync', 'readdirSync', 'lstatSync', 'statSync'])
  wrapSync(fs, name, 'open', 'EMFILE');
for (const name of ['open', 'readFile', 'readdir', 'stat', 'lstat']) wrapPromise(fs.promises, name, 'open', 'EMFILE');
// What steps look at, and the engine does not.
for (const name of ['readdir', 'stat', 'lstat']) wrapPromise(fs.promises, name, 'look', 'EMFILE');
const spawn = childProcess.spawn;
childProcess.spawn = function (file, args, options) {
  if (fails('spawn', `spawn ${file}`)) {
    const child = spawn.call(this, '/no/such/program', [], options);
    const emit = child.emit;
    child.emit = (event, error, ...rest) =>
      emit.call(child, event, event === 'error' ? failure('EAGAIN', 'spawn') : error, ...rest);
    return child;
  }
  return spawn.call(this, file, args, options);
};
const connect = net.connect;
net.connect = function (...args) {
  const socket = connect.apply(this, args);
  if (fails('connect', 'connect')) process.nextTick(() => socket.destroy(failure('ECONNRESET', 'connect')));
  return socket;
};
syncBuiltinESMExports();

const write = fs.writeFileSync;
process.on('exit', () => {
  if (log !== undefined) write(log, `${calls}\n${failed}`);
});
