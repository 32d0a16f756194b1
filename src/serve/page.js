// Keeps the pages of a run and of its questions up to date. Whatever programs and checklists say goes in as text, never as markup.
(() => {
  const live = document.querySelector('[data-live]');
  for (const form of document.querySelectorAll('form')) {
    form.addEventListener('submit', () => {
      // A form is sent once, also by a double click; it works again when the page is come back to.
      for (const button of form.querySelectorAll('button')) setTimeout(() => (button.disabled = true));
    });
  }
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
  if (!live) return;

  const marks = {
    waiting: '·',
    running: '▸',
    passed: '✔',
    failed: '✘',
    error: '⚠',
    'timed-out': '◔',
    skipped: '↷',
    'not-reviewed': '☐',
    waived: '≈',
  };
  const at = (name, within = live) => within.querySelector(`[data-${name}]`);
  const rows = new Map([...live.querySelectorAll('[data-step]')].map((row) => [row.dataset.step, row]));
  const running = new Map();
  const title = document.title;
  let began;
  let announcedAt = performance.now();

  const two = (n) => String(n).padStart(2, '0');
  const duration = (ms) => {
    const s = Math.floor(ms / 1000);
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
    return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  };
  const exact = (ms) =>
    ms < 1000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms);
  const say = (text) => {
    const status = at('status');
    if (status) status.textContent = text;
  };

  const show = (step) => {
    const row = rows.get(step.id);
    if (!row) return;
    row.className = `o-${step.state}`;
    row.querySelector('.mark').textContent = marks[step.state] ?? '';
    row.querySelector('.word').textContent = step.attempt > 1 ? `${step.state}, attempt ${step.attempt}` : step.state;
    row.querySelector('.line').textContent = step.line;
    if (step.runningMs === undefined) running.delete(step.id);
    else running.set(step.id, performance.now() - step.runningMs);
    if (step.tookMs !== undefined && step.state !== 'skipped') at('time', row).textContent = exact(step.tookMs);
  };

  // Read out: what failed, at once; how far it has come, at most every half minute.
  const announce = (told) => {
    const bad = told.steps.filter(
      ({ id, state }) => rows.has(id) && (state === 'failed' || state === 'error' || state === 'timed-out'),
    );
    const now = performance.now();
    if (bad.length > 0) say(bad.map(({ id, state }) => `${id}: ${state}`).join(', '));
    else if (now - announcedAt > 30_000 && told.total > 0) say(`${told.done} of ${told.total} steps`);
    else return;
    announcedAt = now;
  };

  const ask = ([question]) => {
    const box = at('ask');
    if (!box || box.hidden === (question === undefined)) return;
    box.hidden = question === undefined;
    if (question) {
      at('question').textContent = question.question;
      say(`A person is asked: ${question.question}`);
    }
  };

  const lose = (why) => {
    const lost = at('lost');
    if (!lost) return;
    lost.textContent = `${why} What stands here is no longer kept up to date.`;
    lost.removeAttribute('hidden');
  };

  const silent = 'verify serve does not answer: it has ended, or this browser’s session has.';

  // The page anew, unless there is nobody left to give it: what stands here is then worth more than a browser's error.
  let renewing = false;
  const renew = async () => {
    if (renewing) return;
    renewing = true;
    const there = await fetch(location.href).catch(() => undefined);
    renewing = false;
    if (there?.ok) location.reload();
    else lose(silent);
  };

  const update = (told) => {
    if (told.closing) {
      for (const step of told.steps) show(step);
      lose('verify serve is being ended.');
      return;
    }
    at('lost')?.setAttribute('hidden', '');
    if (live.dataset.questions !== undefined) {
      const now = told.questions.map(({ id }) => id).join(' ');
      if (now === live.dataset.questions) return;
      // What is being written is not thrown away.
      if ([...document.querySelectorAll('textarea, input[name=by]')].every((field) => field.value === '')) void renew();
      else say('The questions have changed. Reload the page to see them.');
      return;
    }
    const other = String(told.number) !== live.dataset.live || told.phase !== live.dataset.phase;
    if (other || (rows.size === 0 && told.total > 0)) {
      void renew();
      return;
    }
    for (const step of told.steps) show(step);
    const count = at('count');
    if (count) count.textContent = `${told.done} of ${told.total} steps`;
    const bar = live.querySelector('progress');
    if (bar) bar.value = told.done;
    began = ['starting', 'running', 'stopping'].includes(told.phase) ? performance.now() - told.elapsedMs : undefined;
    document.title =
      told.questions.length > 0
        ? `A question · ${title}`
        : began === undefined
          ? title
          : `${told.done}/${told.total} · ${title}`;
    announce(told);
    ask(told.questions);
  };

  const source = new EventSource('events');
  source.addEventListener('message', (event) => update(JSON.parse(event.data)));
  source.addEventListener('error', () => lose(silent));
  setInterval(() => {
    const now = performance.now();
    if (began !== undefined) at('elapsed').textContent = duration(now - began);
    for (const [id, since] of running) at('time', rows.get(id)).textContent = duration(now - since);
  }, 1000);
})();
