import type { AlertSeen } from './observed.ts';
import { about, type DrillJudge } from './problems.ts';
import type { Params } from './params.ts';

/** What a real engine did with the alert; without one, both verdicts are open. */
export function judgeEngine(
  j: DrillJudge,
  p: Params,
  alert: AlertSeen,
  needed: boolean,
): { logic: string | undefined; delivery: string } {
  const { engine, name } = alert;
  if (p.mode === 'unit') {
    if (needed) j.find('not-delivered', `${name}: promtool delivers nothing: use the mode sandbox`, about(alert));
    return { logic: undefined, delivery: needed ? '? not in unit' : '· not in unit' };
  }
  if (!engine) {
    const drillable = alert.unit !== undefined && alert.unit.state !== 'unsolved' && alert.unit.state !== 'refused';
    if (needed && drillable) j.find('not-delivered', `${name}: no engine ran it`, about(alert));
    return { logic: undefined, delivery: '·' };
  }
  // A heartbeat has no end.
  const over = engine.resolved || alert.unit?.state === 'steady';
  const real = p.mode !== 'sandbox';
  if (engine.refused !== undefined) {
    j.find('drill-refused', `${name}: ${engine.refused}`, about(alert));
    return { logic: '? not made', delivery: '·' };
  }
  if (engine.error !== undefined)
    j.find(real ? 'already-active' : 'engine-silent', `${name}: ${engine.error}`, about(alert));
  else if (!engine.fired)
    j.find(
      real ? 'not-fired' : 'engine-silent',
      `${name} did not fire: ${engine.events.map(({ what }) => what).join(' → ') || 'nothing happened'}`,
      about(alert),
    );
  else if (over)
    j.prove(
      `${name} fired in ${real ? 'the running Prometheus' : 'a Prometheus of its own'} ${engine.resolved ? 'and was resolved' : 'as a heartbeat does'}: ${engine.events.map(({ what }) => what).join(' → ')}`,
    );
  else
    j.find('not-resolved', `${name} still fires after ${engine.events.at(-1)?.what ?? 'the drill'}`, {
      ...about(alert),
      ...(!real && { level: 'inconclusive' as const }),
    });
  if (engine.down && engine.down.length > 0)
    j.find(
      'not-recovered',
      `after the drill of ${name} these targets are not up again: ${engine.down.join(', ')}`,
      about(alert),
    );
  const held = engine.fired && over && engine.error === undefined && (engine.down ?? []).length === 0;
  return {
    logic: held ? '✔ fired and was resolved' : engine.fired ? '✖ not resolved' : '✖ not fired',
    delivery: delivery(j, alert, needed),
  };
}

function delivery(j: DrillJudge, alert: AlertSeen, needed: boolean): string {
  const { engine, name } = alert;
  const got = engine?.notification;
  if (got) {
    const bears = Object.keys(got.annotations).join(', ') || 'no annotation';
    const end = got.resolved ? ', and so did its end' : '';
    j.prove(
      got.to === undefined
        ? `the notification of ${name} arrived at the drill’s own receiver, with ${bears}${end}`
        : `Alertmanager sent the notification of ${name} to ${got.to}, with ${bears}, and no request failed`,
    );
    return got.to === undefined ? (got.resolved ? '✔ arrived, and its end' : '✔ arrived') : `✔ sent to ${got.to}`;
  }
  if (engine?.silenced === true) {
    j.prove(`${name} was received by Alertmanager, silenced by the drill`);
    return '· received by Alertmanager, silenced by the drill';
  }
  const why = engine?.undelivered ?? 'no notification of it arrived';
  if (engine?.received !== undefined) j.prove(`${name} was received by Alertmanager: that alone tells nobody`);
  if (needed && engine?.fired === true)
    j.find('not-delivered', `${name}: ${why}`, {
      ...about(alert),
      ...(engine.nobody === true && { level: 'error' as const }),
    });
  if (engine?.received !== undefined) return `${needed ? '✖' : '·'} received by Alertmanager: ${why}`;
  return needed ? '✖ nothing arrived' : `· ${engine?.undelivered ?? 'nothing arrived'}`;
}
