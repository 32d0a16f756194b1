import type { Sources } from '../repository/sources.ts';

/** What is made of the sources once, however many documents ask for it. */
export function once<T>(make: (sources: Sources) => Promise<T>): (sources: Sources) => Promise<T> {
  const known = new WeakMap<Sources, Promise<T>>();
  return (sources) => {
    const found = known.get(sources) ?? make(sources);
    known.set(sources, found);
    return found;
  };
}
