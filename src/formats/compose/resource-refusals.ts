import { suggest } from '../../core/suggest.ts';
import { objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import type { Refusal } from './refusal.ts';

const networkDrivers = ['bridge', 'host', 'overlay', 'ipvlan', 'macvlan', 'none'];
// Source: moby, volume/local: validOpts and mandatoryOpts.
const volumeOptions = ['type', 'o', 'device', 'size'];
const asks: Record<string, readonly string[]> = { device: ['type'], type: ['device'], o: ['device', 'type'] };

/** Volumes and networks of a project that the engine does not make. */
export function resourceRefusals(project: JsonObject): Refusal[] {
  const found: Refusal[] = [];
  const refuse = (text: string, hint: string): void => void found.push({ service: '', text, hint, kind: 'refused' });
  const own = (key: string): [string, JsonObject][] =>
    Object.entries(objectOf(project[key]))
      .map(([name, one]): [string, JsonObject] => [name, objectOf(one)])
      .filter(([, one]) => one['external'] === undefined || one['external'] === false);
  for (const [key, one] of own('volumes')) {
    const [name, driver, options] = [textOf(one['name']), textOf(one['driver']), objectOf(one['driver_opts'])];
    if (name !== '' && !name.includes('$') && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
      refuse(
        `the volume ${key} is called "${name}"`,
        'use letters, digits, _ . and -, at least two, the first a letter or digit',
      );
    if (driver !== '' && driver !== 'local') continue;
    for (const option of Object.keys(options))
      if (!volumeOptions.includes(option))
        refuse(`the volume ${key}: the driver local has no option ${option}`, `it has ${volumeOptions.join(', ')}`);
      else
        for (const other of asks[option] ?? [])
          if (textOf(options[other]) === '')
            refuse(`the volume ${key}: ${option} without ${other}`, `set ${other} too`);
  }
  for (const [key, one] of own('networks')) {
    const [driver, options] = [textOf(one['driver']), objectOf(one['driver_opts'])];
    // Plugins bring drivers of any name; one that is nearly a built-in's is a slip.
    const near = driver === '' || networkDrivers.includes(driver) ? undefined : suggest(driver, networkDrivers);
    if (near !== undefined) refuse(`the network ${key}: there is no driver ${driver}`, `did you mean ${near}?`);
    if (driver === 'host' || driver === 'none')
      refuse(
        `the network ${key}: there is one network of the driver ${driver}, the engine's own`,
        `write network_mode: ${driver} below the services`,
      );
    const mtu = textOf(options['com.docker.network.driver.mtu']);
    if (!/^\d*$|\$/.test(mtu)) refuse(`the network ${key}: its mtu is ${mtu}`, 'write a number');
    const bridge = textOf(options['com.docker.network.bridge.name']);
    if (bridge.length > 15)
      refuse(
        `the network ${key}: the name ${bridge} has more than 15 letters`,
        'Linux allows 15 letters for an interface',
      );
  }
  return found;
}
