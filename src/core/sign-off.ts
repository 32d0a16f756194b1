import { z } from 'zod';

/** The namespace of our signatures: one made for git, files or e-mail is never a sign-off. */
export const namespace = 'sign-off@verify-milestone.dev';

/** A person's decision over a run. */
export const Decision = z.enum(['approve', 'reject']);
export type Decision = z.infer<typeof Decision>;

/** A sign-off as reports show it. Whether its signature holds is for the gate to say. */
export interface ShownSignOff {
  role: string;
  decision: Decision;
  /** The signer's name in the allowed signers file. */
  principal: string;
  /** `SHA256:…` of the key, as ssh-keygen prints it. */
  fingerprint: string;
  at: string;
  comment: string;
  expires?: string | undefined;
}
