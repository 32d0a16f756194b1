import { objectOf } from '../../formats/data/json-parts.ts';
import { tomlOf } from '../../formats/data/toml.ts';
import type { Doors } from '../contract.ts';

/** Does a manifest, or cargo's configuration, define the profile? */
export async function hasProfile(files: Doors['files'], name: string): Promise<boolean> {
  for (const file of await files.glob(['**/Cargo.toml', '**/.cargo/config.toml', '**/.cargo/config']))
    if (objectOf(objectOf(tomlOf(await files.read(file)) ?? {})['profile'])[name] !== undefined) return true;
  return false;
}
