import type { RunRecord } from './record.ts';

/** A variable of the checklist that --var gave another value. */
export interface SetByHand {
  name: string;
  value: string;
  declared: string | undefined;
  /** It says where something is, before and after: another address loosens no assertion. */
  address: boolean;
}

/** Of something on a network; no file, and nothing that a shell would read as more than one word. */
const isAddress = (text: string): boolean => /^(?!file:)[a-z][a-z0-9+.-]*:\/\/[^\s;&|`$<>(){}'"\\#]+$/i.test(text);

/** The variables whose value is not the checklist's. */
export function setByHand({ vars, declared = {} }: Pick<RunRecord['run'], 'vars' | 'declared'>): SetByHand[] {
  return Object.entries(vars)
    .map(([name, value]) => ({ name, value, declared: declared[name] }))
    .filter((one) => one.value !== one.declared)
    .map((one) => ({ ...one, address: isAddress(one.value) && isAddress(one.declared ?? '') }));
}

export const setByHandText = ({ name, value, declared }: SetByHand): string =>
  `the variable ${name} was set by hand: ${value}${declared === undefined ? '' : ` (the checklist has ${declared})`}`;
