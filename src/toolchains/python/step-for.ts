/** Parameters of `python/test` for the words of a command; what only changes the output is dropped. */
export function withOf(words: readonly string[]): Record<string, unknown> | undefined {
  let rest = [...words];
  const coverage = rest[0] === 'coverage' && rest[1] === 'run';
  // What stands before the module or script is for the coverage.
  if (coverage) rest = rest.slice(rest.findIndex((word) => word === '-m' || word === 'manage.py'));
  if (/^(?:\S*\/)?python[\d.]*$/.test(rest[0] ?? '')) rest = rest.slice(1);
  if (rest[0] === '-m') rest = rest.slice(1);
  const [program = '', ...given] = rest;
  if (/^(?:\.\/)?manage\.py$/.test(program) && given[0] === 'test') {
    const args = given
      .slice(1)
      .filter((word) => !/^(?:-v\d?|--verbosity=\d|--no-?input|--noinput|--traceback)$/.test(word));
    return { runner: 'django', ...(args.length > 0 && { args }) };
  }
  if (program === 'tox') {
    const args = given[0] === 'run' || given[0] === 'r' ? given.slice(1) : given;
    // An environment called `coverage` most often puts together what others measured.
    return args.some((word) => /^(?:cov(?:erage)?\S*|p|run-parallel|-p|--parallel|list|l|config|c|--)$/.test(word))
      ? undefined
      : { runner: 'tox', ...(args.length > 0 && { args }) };
  }
  if (program === 'unittest') return { runner: 'unittest', ...(given.length > 0 && { args: given }) };
  if (program !== 'pytest' && program !== 'py.test') return undefined;
  if (
    given.some((word) => /^(?:--collect-only|--co|--version|--fixtures|--markers|--setup-plan|-h|--help)$/.test(word))
  )
    return undefined;
  const valued =
    /^(?:--cov|--cov-report|--cov-config|--junitxml|--junit-xml|--junit-prefix|--tb|--color|--durations|-r|--cov-fail-under|--cov-context)$/;
  const idle =
    /^(?:-[vqs]+|-r\w*|--verbose|--quiet|--tb=.*|--color=.*|--durations=.*|--junit-?xml=.*|--cov(?:-report|-append|-branch|-config|-context|-fail-under)?(?:=.*)?|--no-header|--no-summary|--show-capture=.*|--code-highlight=.*|--html=.*|--self-contained-html)$/;
  const args: string[] = [];
  for (let n = 0; n < given.length; n++) {
    const word = given[n] ?? '';
    const next = given[n + 1];
    if (valued.test(word)) {
      // `--cov tests`: what follows may be the folder of the tests.
      if (word !== '--cov' || (next !== undefined && !next.startsWith('-') && !/tests?(?:\/|$)/.test(next))) n++;
    } else if (!idle.test(word)) args.push(word);
  }
  return { ...(args.length > 0 && { args }) };
}
