// Preloaded by `--import`: at the process's end, writes to VERIFY_READS how often the content of each file was read, as JSON.
import { createRequire, syncBuiltinESMExports } from 'node:module';

const fs = createRequire(import.meta.url)('node:fs');
const reads = {};
const count = (path) => {
  if (typeof path === 'string') reads[path] = (reads[path] ?? 0) + 1;
};
for (const [owner, name] of [
  [fs, 'readFileSync'],
  [fs, 'createReadStream'],
  [fs.promises, 'readFile'],
]) {
  const real = owner[name];
  owner[name] = function (path, ...rest) {
    count(path);
    return real.call(this, path, ...rest);
  };
}
const { writeFileSync } = fs;
syncBuiltinESMExports();
process.on('exit', () => writeFileSync(process.env.VERIFY_READS, JSON.stringify(reads)));
