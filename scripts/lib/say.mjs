/** What the set-up scripts print: plain lines, and one live line with the elapsed time on a terminal. */
const tty = process.stderr.isTTY && process.env.CI === undefined && process.env.TERM !== 'dumb';

export function say(line = '') {
  process.stderr.write(`${line}\n`);
}

export function seconds(ms) {
  return ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/**
 * Says what is being done, does it, and says how long it took.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @param {(result: T) => boolean} [ok] whether the result is a success
 * @returns {Promise<T>}
 */
export async function progress(title, work, ok = () => true) {
  const began = Date.now();
  let timer;
  if (tty) {
    const draw = () => process.stderr.write(`\r  … ${title} (${seconds(Date.now() - began)}) `);
    draw();
    timer = setInterval(draw, 500);
  } else {
    say(`  … ${title}`);
  }
  let good = false;
  try {
    const result = await work();
    good = ok(result);
    return result;
  } finally {
    clearInterval(timer);
    if (tty) process.stderr.write('\r\u001b[K');
    say(`  ${good ? '✓' : '✗'} ${title}, ${seconds(Date.now() - began)}`);
  }
}

/** Prints the help and ends, if asked for. */
export function helpIfAsked(text, argv = process.argv.slice(2)) {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(`${text.trim()}\n`);
    process.exit(0);
  }
}
