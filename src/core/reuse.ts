/** One step of a run that is resumed. */
export interface Resumed {
  readonly id: string;
  /** Steps whose success or facts it rests on. */
  readonly restsOn: readonly string[];
  /** Steps that must have passed before. */
  readonly needs: readonly string[];
  /** It ran programs, which may have left something behind: `anything`, or no more than a cache. */
  readonly left: 'nothing' | 'cache' | 'anything';
  /** Something was written in the target since it ended: what it left may no longer be as it left it. */
  readonly touched: boolean;
  /** It names what builds leave in ignored folders. */
  readonly usesBuilt: boolean;
  /** It may ask what another step has started or filled. */
  readonly asksElsewhere: boolean;
  /** Why it runs again by itself. */
  readonly again?: string | undefined;
}

/**
 * Which steps run again, and why. A step that runs again takes with it each step that rests on it, and each that it needs whose
 * programs may have left what it uses and what may have gone or changed since: a build, a started program. Linear in the graph.
 * @returns step → why; the others may be taken over
 */
export function runAgain(steps: readonly Resumed[]): Map<string, string> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const dependents = new Map<string, string[]>();
  for (const step of steps)
    for (const id of new Set(step.restsOn)) dependents.set(id, [...(dependents.get(id) ?? []), step.id]);
  const why = new Map<string, string>();
  const todo: string[] = [];
  const again = (id: string, text: string): void => {
    if (why.has(id)) return;
    why.set(id, text);
    todo.push(id);
  };
  for (const step of steps) {
    const missing = step.restsOn.find((id) => !byId.has(id));
    if (step.again !== undefined) again(step.id, step.again);
    else if (missing !== undefined) again(step.id, `${missing}, which it depends on, is not part of this run`);
  }
  const asked = new Map<string, number>();
  const ask = (root: Resumed): void => {
    const how = 1 + (root.usesBuilt ? 2 : 0) + (root.asksElsewhere ? 4 : 0);
    const open = [...root.needs];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const step = byId.get(id);
      const before = asked.get(id) ?? 0;
      if (!step || (before & how) === how) continue;
      asked.set(id, before | how);
      if (mayMiss(root, step)) again(id, `${root.id} runs again, and may use what this step left behind`);
      open.push(...step.needs);
    }
  };
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    for (const dependent of dependents.get(id) ?? []) again(dependent, `it depends on ${id}, which runs again`);
    const step = byId.get(id);
    if (step) ask(step);
  }
  return why;
}

/** May `user` use something that `step` left, and that may no longer be as it was? */
function mayMiss(user: Resumed, step: Resumed): boolean {
  if (step.left === 'anything') return step.touched || user.asksElsewhere;
  return step.left === 'cache' && step.touched && user.usesBuilt;
}
