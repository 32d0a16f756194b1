import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

/** A kennel: a server of Python with a router that nobody mounts, metrics, a script that git does not let run, and two images. */
const files = {
  'kennel/__init__.py': '',
  'kennel/main.py':
    'from fastapi import FastAPI\nfrom kennel.routes import dogs\napp = FastAPI()\napp.include_router(dogs.router, prefix="/dogs")\n',
  'kennel/routes/__init__.py': '',
  'kennel/routes/dogs.py':
    'from fastapi import APIRouter, Depends\nfrom kennel.care import walk_dog\nrouter = APIRouter()\n@router.get("/list")\ndef listed(): ...\n@router.post("/walk", dependencies=[Depends(groom_dog)])\ndef walk(): ...\n',
  'kennel/routes/cats.py':
    'from fastapi import APIRouter\nrouter = APIRouter()\n@router.get("/cats/naps")\ndef naps(): ...\n',
  'kennel/care.py': 'def walk_dog(): ...\ndef feed_dog(): ...\nclass DogBowl: ...\n',
  'kennel/metrics.py':
    'from prometheus_client import Counter\na = Counter("dogs_walked_total", "x")\nb = Counter("dogs_fed_total", "x")\nc = Counter("dogs_washed_total", "x")\n',
  'run.sh': '#!/bin/sh\necho run\n',
  'feed.sh': '#!/bin/sh\necho feed\n',
  Dockerfile: 'FROM python:3.12-slim\nCOPY . .\nCMD ["python", "-m", "kennel"]\n',
};
const git = (cwd: string, ...args: string[]): unknown =>
  execFileSync('git', ['-c', 'user.name=k', '-c', 'user.email=k@kennel.example', ...args], { cwd });

function repository(more: Record<string, string> = {}): string {
  const target = tempDir();
  for (const [path, text] of Object.entries({ ...files, ...more })) writeIn(target, path, text);
  git(target, 'init', '-q');
  git(target, 'add', '-A');
  git(target, 'commit', '-qm', 'x');
  return target;
}
async function seen(text: string, target: string): Promise<string[]> {
  writeIn(target, 'REPORT.md', text);
  const record = await runStep({ uses: 'docs/claims', with: { documents: ['REPORT.md'] }, target });
  return (record.findings ?? [])
    .filter(({ level, code }) => level !== 'note' && code !== 'nothing-claimed')
    .map(({ level, message }) => `${level} ${message}`);
}
const here = repository();
const fence = (text: string, lang = 'bash'): string => `\`\`\`${lang}\n${text}\n\`\`\`\n`;

const cases: [kind: string, bad: string, good: string, part: string][] = [
  [
    'a function that is listed for a file and called only',
    '# R\n\n## Care (`kennel/care.py`)\n\n- ✅ `walk_dog()` - walks\n- ✅ `feed_dog()` - feeds\n- ✅ `groom_dog()` - grooms\n',
    '# R\n\n## Care (`kennel/care.py`)\n\n- ✅ `walk_dog()` - walks\n- ✅ `feed_dog()` - feeds\n- ✅ `DogBowl` - holds\n- `listed()` - elsewhere\n',
    'warning `groom_dog`: kennel/care.py has 2 of the names',
  ],
  [
    'a route whose router nobody mounts',
    '# R\n\n- `GET /cats/naps` - naps\n',
    '# R\n\n- `GET /dogs/list` - all\n',
    'only kennel/routes/cats.py has it',
  ],
  [
    'a script that git does not let run',
    `# R\n\n${fence('./run.sh')}`,
    `# R\n\n${fence('bash run.sh')}`,
    'git does not keep the script as executable',
  ],
  [
    'a script that the document lets run',
    `# R\n\n${fence('./run.sh')}`,
    `# R\n\n${fence('chmod +x run.sh\n./run.sh')}`,
    'git does not keep the script as executable',
  ],
  [
    'a number of metrics in a drawing',
    `# R\n\n${fence('kennel/\n├── care.py      # care\n└── metrics.py   # 40+ Prometheus metrics', '')}`,
    `# R\n\n${fence('kennel/\n├── care.py      # care\n└── metrics.py   # 3 Prometheus metrics', '')}`,
    '`40+ Prometheus metrics`: the repository has 3',
  ],
  [
    'an image of several stages',
    '# R\n\n- ✅ Multi-stage Docker build\n',
    '# R\n\n- ✅ A Docker build\n',
    'no Dockerfile of the repository has it',
  ],
  [
    'a user of an image',
    '# R\n\n- ✅ Runs as non-root user\n',
    '# R\n\n- [ ] Runs as non-root user\n',
    'no Dockerfile of the repository has it',
  ],
];

describe('what reports list of files, routes, scripts and images', () => {
  it.each(cases)('%s', async (_, bad, good, part) => {
    expect(await seen(bad, here)).toEqual([expect.stringContaining(part)]);
    expect(await seen(good, here)).toEqual([]);
  });

  it('says nothing where it is so, or may be so', async () => {
    const target = repository({
      Dockerfile: 'FROM rust:1 AS build\nRUN cargo build\nFROM debian:12\nUSER kennel\n',
      'kennel/app.py': 'import importlib, pkgutil\nfor m in pkgutil.iter_modules(): app.include_router(m.router)\n',
      'SETUP.md': 'chmod +x *.sh\n',
    });
    const text = [
      '# R\n\n- ✅ Multi-stage Docker build\n- ✅ Runs as non-root user\n- `GET /cats/naps` - naps\n',
      '## Care (`kennel/care.py`)\n\n- `walk_dog()` - walks\n- `feed_dog()` - feeds\n\n### Planned\n\n- `bathe_dog()` - later\n',
      fence('./run.sh\n./feed.sh'),
    ].join('\n');
    expect(await seen(text, target)).toEqual([]);
  });

  it('tells of all scripts that are locked in one finding, and of no script that git lets run', async () => {
    const [one, ...others] = await seen(`# R\n\n${fence('./run.sh\n./feed.sh')}`, here);
    expect([one, others]).toEqual([expect.stringContaining('and 1 more are called so'), []]);
    const target = repository();
    git(target, 'update-index', '--chmod=+x', 'run.sh');
    expect(await seen(`# R\n\n${fence('./run.sh')}`, target)).toEqual([]);
  });
});
