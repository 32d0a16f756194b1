import type { Requirement } from '../core/step.ts';
import { cargoTool, clippyTool, rustfmtTool } from './cargo/tools.ts';

const tool = (name: string, version: readonly string[], remedy: string): Requirement => ({ name, version, remedy });

export const bash = tool('bash', ['bash', '--version'], 'install bash');
/** Found as Puppeteer finds it, whatever its program is called. */
export const browser = tool(
  'browser',
  ['chromium', '--version'],
  'install Chrome or Chromium (Debian: apt-get install chromium), or set PUPPETEER_EXECUTABLE_PATH',
);
export const dockerCompose = tool(
  'docker-compose',
  ['docker', 'compose', 'version', '--short'],
  'install the Compose v2 plugin (Debian 13: apt-get install docker-compose)',
);
export const helm = tool(
  'helm',
  ['helm', 'version', '--short'],
  'install Helm (https://helm.sh/docs/intro/install/, or: go install helm.sh/helm/v3/cmd/helm@latest)',
);
export const kubeconform = tool(
  'kubeconform',
  ['kubeconform', '-v'],
  'install kubeconform (go install github.com/yannh/kubeconform/cmd/kubeconform@latest)',
);
export const systemdAnalyze = tool(
  'systemd-analyze',
  ['systemd-analyze', '--version'],
  'run this where systemd is (Debian: apt-get install systemd)',
);
export const prometheus = tool(
  'prometheus',
  ['prometheus', '--version'],
  'install Prometheus (Debian: apt-get install prometheus)',
);
export const promtool = tool(
  'promtool',
  ['promtool', '--version'],
  'install Prometheus, which brings promtool (Debian: apt-get install prometheus)',
);

/** All that a step or verify itself may need, for `doctor` without a checklist. */
export const allTools: readonly Requirement[] = [
  bash,
  browser,
  cargoTool,
  clippyTool,
  dockerCompose,
  tool(
    'docker-engine',
    ['docker', 'info', '--format', '{{.ServerVersion}}'],
    'install and start a Docker engine (Debian: apt-get install docker.io)',
  ),
  tool('git', ['git', '--version'], 'install git'),
  helm,
  prometheus,
  promtool,
  rustfmtTool,
  tool('ssh-keygen', ['ssh', '-V'], 'install OpenSSH (Debian: apt-get install openssh-client)'),
];
