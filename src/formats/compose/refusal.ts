/**
 * What the container engine refuses when the project is started, though `docker compose config` accepts it. Every rule was tried
 * on Docker 20.10 with Compose 2.26; the engine's own words stand in each.
 */
export interface Refusal {
  service: string;
  text: string;
  hint: string;
  /** `port`: two containers that cannot have one port, reported as the conflict that it is; `shared`: another service has it already. */
  kind: 'refused' | 'port' | 'shared';
  /** The image's name, where that is what is refused. */
  image?: string;
}
