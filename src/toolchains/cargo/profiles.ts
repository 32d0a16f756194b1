import { objectOf } from '../../formats/data/json-parts.ts';
import { tomlOf } from '../../formats/data/toml.ts';
import { holds, wrong, type Verdict } from '../../formats/documents/verdict.ts';
import type { Doors } from '../contract.ts';

/** Does a manifest, or cargo's configuration, define the profile? */
export async function profileVerdict(files: Doors['files'], name: string): Promise<Verdict> {
  for (const file of await files.glob(['**/Cargo.toml', '**/.cargo/config.toml', '**/.cargo/config']))
    if (objectOf(objectOf(tomlOf(await files.read(file)) ?? {})['profile'])[name] !== undefined)
      return holds(`the profile ${name} is there`);
  return wrong(`no manifest defines the profile ${name}`, 'correct the name, or add it');
}
