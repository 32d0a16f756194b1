import { toolchains } from './index.ts';
import type { ProgramWords } from './program-words.ts';

const programs = new Map(toolchains.flatMap((one) => Object.entries(one.programs)));

/** What is known of a toolchain's program; undefined where none has one of this name. */
export const programOf = (name: string): ProgramWords | undefined => programs.get(name);
