import type { Health } from './api.ts';

/**
 * A stand-in for Grafana says so where Grafana names its version and commit: `"commit": "double"`. What it shows is then never taken
 * for the real thing, however the step came by its address.
 */
export function markStandIn(j: { reduced(standIn: string): unknown }, { version = '', commit = '' }: Health): void {
  if (/\bdouble\b/i.test(`${version} ${commit}`)) j.reduced('Grafana: it says of itself that it is a test double');
}
