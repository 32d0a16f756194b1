import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { runStep, tempDir } from '../rig/run-step.ts';

async function seen(service: string, files: Record<string, string> = {}): Promise<string[]> {
  const record = await runStep({
    uses: 'compose/config',
    target: tempDir({ 'compose.yml': `services:\n  app:\n${service}volumes: { data: }\n`, ...files }),
    with: { files: ['compose.yml'] },
  });
  return record.findings
    .filter(({ level }) => level !== 'note')
    .map(({ level, code, where }) => `${level} ${code} ${where?.file}:${where?.line}`);
}
const built = (dockerfile: string, more: Record<string, string> = {}): Promise<string[]> =>
  seen('    build: .\n', { Dockerfile: dockerfile, 'a.py': 'print(1)\n', 'Cargo.toml': '', ...more });
const [title, skip] = needing('compose/config: what Dockerfiles and data folders cannot do', 'compose');

describe.skipIf(skip)(title, () => {
  const slim = 'FROM python:3.12-slim\n';
  const rust = 'FROM rust:1.80 AS build\nCOPY . .\nRUN cargo build --release\n';
  const go = (version: string): string => `FROM golang:${version}\nCOPY . .\nRUN go build ./...\n`;
  const copied = 'COPY --from=build /target/release/app /app\nENTRYPOINT ["/app"]\n';

  it.each<[string, string, string[], string, Record<string, string>?]>([
    [
      'ARG above FROM',
      `ARG V=1\n${slim}RUN pip install "a==\${V}"\n`,
      ['warning dockerfile-fault Dockerfile:3'],
      `ARG V=1\n${slim}ARG V\nRUN pip install "a==\${V}"\n`,
    ],
    [
      'CMD behind a text of the shell',
      `${slim}COPY a.py .\nENTRYPOINT python a.py\nCMD ["--fast"]\n`,
      ['error dockerfile-fault Dockerfile:4'],
      `${slim}COPY a.py .\nENTRYPOINT ["python", "a.py"]\nCMD ["--fast"]\n`,
    ],
    [
      'a user who installs packages',
      `${slim}USER nobody\nRUN apt-get update && apt-get install -y curl\n`,
      ['error dockerfile-fault Dockerfile:3'],
      `${slim}RUN apt-get update && apt-get install -y curl\nUSER nobody\n`,
    ],
    [
      'packages without their lists',
      `${slim}RUN apt-get install -y curl\n`,
      ['error dockerfile-fault Dockerfile:2'],
      `${slim}RUN apt-get update\nRUN apt-get install -y curl\n`,
    ],
    [
      'a program of Debian on Alpine',
      `${rust}FROM alpine:3.20\n${copied}`,
      ['error dockerfile-fault Dockerfile:5'],
      `${rust}FROM debian:12\n${copied}`,
    ],
    [
      'a Go that is older than go.mod',
      go('1.22'),
      ['error dockerfile-fault Dockerfile:1'],
      go('1.23-alpine'),
      { 'go.mod': 'module a\n\ngo 1.23\n' },
    ],
    [
      'a Node that is older than engines',
      'FROM node:18-slim\nCOPY . .\nRUN npm ci\n',
      ['warning dockerfile-fault Dockerfile:1'],
      'FROM node:20\nCOPY . .\nRUN npm ci\n',
      { 'package.json': '{"engines":{"node":">=20.1"}}' },
    ],
    [
      'a Python that pip refuses',
      `${slim}COPY . .\nRUN pip install --no-cache-dir .\n`,
      ['error dockerfile-fault Dockerfile:1'],
      'FROM python:3.13\nCOPY . .\nRUN pip install .\n',
      { 'pyproject.toml': '[project]\nname = "a"\nrequires-python = ">=3.13"\n' },
    ],
  ])('%s', async (_, bad, found, good, more) => {
    expect(await built(bad, more)).toEqual(found);
    expect(await built(good, more)).toEqual([]);
  });

  it.each<[string, string, Record<string, string>?]>([
    ['a version that the base image sets', 'ARG NODE_VERSION=20\nFROM node:${NODE_VERSION}\nRUN echo $NODE_VERSION\n'],
    ['an entrypoint that takes arguments', `${slim}ENTRYPOINT exec python "$@"\nCMD ["a"]\n`],
    ['a static program', `${rust}FROM alpine\nRUN apk add gcompat\n${copied}`],
    ['a target of its own', `${rust}FROM alpine\n${copied}`, { '.cargo/config.toml': '[build]\ntarget = "x"\n' }],
    ['a stage that is not built', `FROM debian:12 AS old\nRUN apt-get install -y curl\n${slim}COPY a.py .\n`],
    ['a local package', `${slim}RUN apt-get install -y ./a.deb\n`],
  ])('says nothing of %s', async (_, dockerfile, more) => {
    expect(await built(dockerfile, more)).toEqual([]);
  });

  it.each<[string, string, string[], string]>([
    [
      'the folder of earlier releases under postgres 18',
      '    image: postgres:18\n    environment: { POSTGRES_PASSWORD: a }\n    volumes: ["data:/var/lib/postgresql/data"]\n',
      ['error start-refused compose.yml:2'],
      '    image: postgres:18-alpine\n    environment: { POSTGRES_PASSWORD: a }\n    volumes: ["data:/var/lib/postgresql"]\n',
    ],
    [
      'data that cannot be written',
      '    image: mongo:7\n    volumes: ["data:/data/db:ro"]\n',
      ['error start-refused compose.yml:2'],
      '    image: mongo:7\n    volumes: ["data:/data/db"]\n',
    ],
    [
      'quotes around an address',
      '    image: acme/app\n    environment:\n      - URL="http://b:80/"\n',
      ['error variable-quoted compose.yml:2'],
      '    image: acme/app\n    environment:\n      - URL=http://b:80/\n',
    ],
    [
      'quotes around a word',
      "    image: acme/app\n    environment:\n      - LEVEL='info'\n",
      ['warning variable-quoted compose.yml:2'],
      '    image: acme/app\n    environment:\n      LEVEL: "info"\n      LIST: \'["a"]\'\n',
    ],
  ])('%s', async (_, bad, found, good) => {
    expect(await seen(bad)).toEqual(found);
    expect(await seen(good)).toEqual([]);
  });
});
