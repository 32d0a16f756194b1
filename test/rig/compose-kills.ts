import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './run-step.ts';

export const engramImage = 'engram:0.16.0';

/** A folder with a checklist that brings up a stack of two services, with a network and a volume, and then waits. */
export function smallStack(more = '', wait = 'sleep 60'): string {
  const service = {
    image: engramImage,
    user: 'root',
    entrypoint: ['/bin/sh', '-c', 'mkdir -p /tmp/w; echo hello > /tmp/w/index.html; exec httpd -f -p 8080 -h /tmp/w'],
    ports: ['8080'],
  };
  return tempDir({
    'compose.yml': JSON.stringify({
      services: { app: { ...service, volumes: ['store:/store'] }, db: service },
      volumes: { store: {} },
    }),
    'checklists/m1.yaml': `version: 1
tree: none
milestone: m1
title: T
stack:
  compose: { files: [compose.yml], within: 120s, ready: { app: { path: /, contains: hello } } }
items:
  - id: item
    title: Item
    steps:
      - { id: stack, uses: stack/up, with: { stableFor: 1s }${more} }
      - { id: wait, uses: command, needs: [stack], with: { shell: "${wait}" } }
`,
  });
}

/** Ids of the runs that are kept in the folder. */
export const runsIn = (folder: string): string[] => {
  const reports = join(folder, 'reports/m1');
  return existsSync(reports) ? readdirSync(reports).filter((name) => /^\d{4}-/.test(name)) : [];
};
