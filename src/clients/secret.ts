import { Unobservable, type StepContext } from '../core/step.ts';

/** A secret of the step by the name of its variable. @throws Unobservable `secret-missing` */
export function secretOf(ctx: Pick<StepContext, 'secret'>, name: string): string {
  const secret = ctx.secret(name);
  if (secret === undefined || secret === '')
    throw new Unobservable('secret-missing', `the environment has no ${name}`, {
      hint: 'set it, and list it under the step’s `secrets`',
    });
  return secret;
}
