/** A sentence, figure or mark of a document, held against another place of the same document or of one beside it. */
export interface SelfClaim {
  line: number;
  text: string;
  holds: boolean;
  seen: string;
  /** Absent: an error. */
  level?: 'warning';
}
