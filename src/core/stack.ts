/** One service of a running stack. */
export interface StackService {
  name: string;
  /** Base URL under which the host reaches it, where it has one: `http://127.0.0.1:34567`. */
  url?: string;
  /** Published ports: container (or declared) port → host port. */
  ports: Record<string, number>;
}

/** A stack that a `stack/up` step brought up; drills act on it through this, whatever the driver. */
export interface Stack {
  readonly driver: 'processes' | 'compose' | 'external';
  /** Milliseconds since the epoch when it was brought up. */
  readonly startedAt: number;
  readonly services: readonly StackService[];
  /** Stops the service as a crash would (`kill`), in order (`stop`), or freezes it (`pause`). @throws Unobservable where the driver cannot */
  fault(service: string, how: 'stop' | 'kill' | 'pause' | 'disconnect'): Promise<void>;
  /** Brings it back after `fault` and waits until it is ready. */
  recover(service: string): Promise<void>;
  /** argv that runs promtool of the stack's own Prometheus, where there is one. Files must lie below the service's mounts. */
  promtool?(args: string[]): string[];
}
