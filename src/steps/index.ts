// Made by `npm run gen` from the files of this folder; do not edit.
import type { StepType } from '../core/step.ts';
import type { Toolchain } from '../toolchains/contract.ts';

const load: Record<string, () => Promise<{ default: unknown }>> = {
  'alertmanager/config': () => import('./alertmanager/config.ts'),
  'bench/compare': () => import('./bench/compare.ts'),
  'cargo/clippy': () => import('./cargo/clippy.ts'),
  'cargo/fmt': () => import('./cargo/fmt.ts'),
  'cargo/test': () => import('./cargo/test.ts'),
  'code/calls': () => import('./code/calls.ts'),
  'code/edition': () => import('./code/edition.ts'),
  'command': () => import('./command.ts'),
  'compose/config': () => import('./compose/config.ts'),
  'dashboards/lint': () => import('./dashboards/lint.ts'),
  'dashboards/preview': () => import('./dashboards/preview.ts'),
  'docker/lint': () => lintsOf(import('../toolchains/docker/toolchain.ts')),
  'docs/claims': () => import('./docs/claims.ts'),
  'docs/tasks': () => import('./docs/tasks.ts'),
  'dotnet/test': () => testsOf(import('../toolchains/dotnet/toolchain.ts')),
  'files/exist': () => import('./files/exist.ts'),
  'github/checks': () => import('./github/checks.ts'),
  'gitlab/checks': () => import('./gitlab/checks.ts'),
  'go/lint': () => lintsOf(import('../toolchains/go/toolchain.ts')),
  'go/test': () => testsOf(import('../toolchains/go/toolchain.ts')),
  'grafana/alerting': () => import('./grafana/alerting.ts'),
  'grafana/dashboards': () => import('./grafana/dashboards.ts'),
  'grafana/health': () => import('./grafana/health.ts'),
  'grafana/screenshot': () => import('./grafana/screenshot.ts'),
  'helm/template': () => import('./helm/template.ts'),
  'http/get': () => import('./http/get.ts'),
  'http/request': () => import('./http/request.ts'),
  'jvm/test': () => testsOf(import('../toolchains/jvm/toolchain.ts')),
  'kubernetes/conform': () => import('./kubernetes/conform.ts'),
  'manual/confirm': () => import('./manual/confirm.ts'),
  'npm/lint': () => lintsOf(import('../toolchains/npm/toolchain.ts')),
  'npm/test': () => testsOf(import('../toolchains/npm/toolchain.ts')),
  'program': () => import('./program.ts'),
  'prometheus/config': () => import('./prometheus/config.ts'),
  'prometheus/drill': () => import('./prometheus/drill.ts'),
  'prometheus/exposition': () => import('./prometheus/exposition.ts'),
  'prometheus/query': () => import('./prometheus/query.ts'),
  'prometheus/rules': () => import('./prometheus/rules.ts'),
  'prometheus/rules-static': () => import('./prometheus/rules-static.ts'),
  'prometheus/targets': () => import('./prometheus/targets.ts'),
  'python/lint': () => lintsOf(import('../toolchains/python/toolchain.ts')),
  'python/test': () => testsOf(import('../toolchains/python/toolchain.ts')),
  'release/consistent': () => import('./release/consistent.ts'),
  'stack/up': () => import('./stack/up.ts'),
  'systemd/units': () => import('./systemd/units.ts'),
  'tests/results': () => import('./tests/results.ts'),
};

/** The step type that runs a toolchain's tests. */
async function testsOf(module: Promise<{ default: Toolchain }>): Promise<{ default: unknown }> {
  const { testStep } = await import('../testing/toolchain-step.ts');
  return { default: testStep((await module).default) };
}

/** The step type that runs a toolchain's linters. */
async function lintsOf(module: Promise<{ default: Toolchain }>): Promise<{ default: unknown }> {
  const { lintStep } = await import('../testing/lint-step.ts');
  return { default: lintStep((await module).default) };
}

export const kinds: readonly string[] = Object.keys(load);

const loaded = new Map<string, StepType>();

/** The step type of this name. @throws Error where there is none: look in `kinds` first */
export async function loadKind(kind: string): Promise<StepType> {
  const known = loaded.get(kind);
  if (known) return known;
  const module = await load[kind]?.();
  if (!module) throw new Error(`no step type ${kind}`);
  const type = module.default as StepType;
  loaded.set(kind, type);
  return type;
}
