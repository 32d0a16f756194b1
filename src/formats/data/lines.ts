/** The line of an offset in a text, from 1. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** The first line that holds a text, from 1; 1 where none does. */
export const lineWith = (text: string, part: string): number =>
  Math.max(1, text.split('\n').findIndex((line) => line.includes(part)) + 1);
