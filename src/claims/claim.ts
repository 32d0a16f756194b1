import type { Verdict } from '../formats/documents/verdict.ts';

/** What a document says that can be looked up. */
export interface Claim extends Verdict {
  kind: 'path' | 'link' | 'anchor' | 'command' | 'value' | 'name' | 'block';
  line: number;
  text: string;
}
