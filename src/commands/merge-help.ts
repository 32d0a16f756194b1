/** What `verify merge --help` says below its options. */
export const mergeHelp = `
A folder is a run’s, or one in which runs are looked for: what a CI provider has downloaded.

Examples:
  verify milestone-16 --shard 2/3        on the second of three machines; ends with 11 where all of it has passed
  verify merge shards/                   on one, with what the three have left
  verify merge reports/milestone-16/RUN-1 reports/milestone-16/RUN-2

Exit codes: 0 and 10-12 as of a run; 11 also where a shard is missing, 21 a shard was altered, 22 made by another
version of verify, 65 the shards do not belong together, 66 there is none.`;
