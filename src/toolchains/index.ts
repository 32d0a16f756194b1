// Made by `npm run gen` from the folders beside it; do not edit.
import type { Toolchain } from './contract.ts';
import cargo from './cargo/toolchain.ts';
import docker from './docker/toolchain.ts';
import dotnet from './dotnet/toolchain.ts';
import go from './go/toolchain.ts';
import jvm from './jvm/toolchain.ts';
import npm from './npm/toolchain.ts';
import python from './python/toolchain.ts';

export const toolchains: readonly Toolchain[] = [cargo, docker, dotnet, go, jvm, npm, python];
