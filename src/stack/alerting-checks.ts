import { imageName } from '../formats/compose/model.ts';
import type { Around, StackJudge } from './checks.ts';
import type { SeenPrometheus } from './prometheus-checks.ts';

// Programs that evaluate rules or hand on alerts as well, so that the Alertmanager may be theirs.
const others = /^(?:loki|mimir|cortex|vmalert|thanos|keep|karma|robusta.*)$/;

/** Alert rules are loaded and an Alertmanager runs beside: does Prometheus send it anything? */
export function judgeAlerting(
  j: StackJudge,
  seen: readonly SeenPrometheus[],
  { services }: Around,
  images: Readonly<Record<string, string>>,
): void {
  const imageOf = (name: string): string => imageName(images[name] ?? '');
  const manager = services.find(({ name }) => imageOf(name) === 'alertmanager');
  if (seen.some((one) => one.alerting || one.config.unreadable)) return;
  for (const one of seen) {
    const alerts = one.ruleFiles.flatMap((file) => file.matches).reduce((sum, match) => sum + match.firing.length, 0);
    const file = one.config.host;
    if (alerts === 0 || file === undefined || one.config.kind !== 'file') continue;
    const other = services.find(({ name }) => others.test(imageOf(name)));
    if (!manager) {
      if (!one.alertingEmpty) continue;
      j.find(
        'alerting-missing',
        `${file} loads ${alerts} alert rules, and its \`alerting\` names no Alertmanager, nor is one among the services: nobody is told of its alerts`,
        { subject: one.service, where: { file }, level: 'note' },
      );
      continue;
    }
    j.find(
      'alerting-missing',
      `${file} loads ${alerts} alert rules, and names no Alertmanager, though ${manager.name} runs beside: its alerts reach nobody`,
      {
        subject: one.service,
        where: { file },
        ...(other && { level: 'warning' as const, detail: `${manager.name} may be there for ${other.name}` }),
      },
    );
  }
}
