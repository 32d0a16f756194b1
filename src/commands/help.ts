/** What `--help` says below the options of each command: examples, and what its exit codes mean. */
export const help = {
  verify: `
Examples:
  verify milestone-16 --target ../engram     run the checklist on a repository
  verify plan milestone-16                   show every command before anything runs
  verify milestone-16 --only tests           one step and what it needs (such a run cannot be signed)
  verify milestone-16 --shard 2/3            its second third; \`verify merge\` puts the parts together
  verify milestone-16 --resume               go on after a run that failed or was killed; what still holds is reused
  verify sign-off milestone-16 --role release-manager
  verify gate milestone-16                   may the next milestone begin? offline, for CI

Exit codes: 0 passed, 10 failed, 11 incomplete, 12 inconclusive, 20-22 gate, 64 usage, 65 invalid checklist,
66 file missing, 70 a defect of verify, 73 cannot write, 74 I/O error, 75 locked, 77 untrusted, 78 nothing selected.`,

  merge: `
A folder is a run’s, or one in which runs are looked for: what a CI provider has downloaded.

Examples:
  verify milestone-16 --shard 2/3        on the second of three machines; ends with 11 where all of it has passed
  verify merge shards/                   on one, with what the three have left
  verify merge reports/milestone-16/RUN-1 reports/milestone-16/RUN-2

Exit codes: 0 and 10-12 as of a run; 11 also where a shard is missing, 21 a shard was altered, 22 made by another
version of verify, 65 the shards do not belong together, 66 there is none.`,

  signOff: `
Examples:
  verify sign-off milestone-16 --role release-manager
  verify sign-off milestone-16 --role qa --key ~/.ssh/id_ed25519 --approve --comment 'Seen the dashboards.' --yes`,

  gate: `
Examples:
  verify gate milestone-16 --before milestone-17
  verify gate milestone-16 --policy-from origin/main --json

Exit codes: 0 open, 10-12 the run has not passed, 20 not enough approvals, 21 tampered or bad signature,
22 stale or about something else, 65 invalid policy or record, 66 no run or no allowed signers.`,

  serve: `
Prints a link that works once, in one browser. A passphrase is asked for by ssh-keygen, never by the page.

Examples:
  verify serve milestone-16 --target ../engram --open
  verify serve milestone-16 --key ~/.ssh/id_ed25519 --port 4711

Exit code, at Ctrl-C: that of the last run started on the page (0, 10, 11, 12), 11 where none was; 130 where it stopped a run.`,

  clean: `
Only what verify itself created is looked at, by the labels and marks that it bears; nothing of a run that is going on.

Examples:
  verify clean              list, remove nothing
  verify clean --yes        remove what dead runs have left
  verify clean --yes RUN    remove one run's, also where it was kept on purpose`,

  report: `
Examples:
  verify report milestone-16 --open                        the page of the last run
  verify report reports/milestone-16/latest --pdf          …/<run>.pdf
  verify report milestone-16 --format sarif > verify.sarif for code scanning
  verify report --index --open                             history`,

  diff: `
A run is its id, its folder, or a milestone (its last run).

Examples:
  verify diff 2026-11-24T10-00-00Z-abcdef milestone-16   since that run
  verify diff milestone-15 milestone-16                  the last runs of two milestones

Exit codes: 0 nothing got worse, 10 a step passes no more or a finding that weighs appeared.`,

  completion: `
Examples:
  source <(verify completion bash)
  verify completion zsh > "\${fpath[1]}/_verify"
  verify completion fish > ~/.config/fish/completions/verify.fish`,

  init: `
Writes checklists/<milestone>.yaml, a line of .gitattributes, one of .gitignore where its rules would keep evidence of runs out of
commits, and .verify/allowed_signers as a template.

Examples:
  verify init                                              what this repository has
  verify init --from roadmap/milestone-16/NEXT_STEPS.md    what its document says, and what it has
  verify init --target ../other --print                    look before anything is written`,

  claims: `
Prints YAML to paste into a checklist; the claims found, and whether they hold, are comments. Exit code 10 where one is proven false.

Examples:
  verify claims README.md
  verify claims roadmap/milestone-16/NEXT_STEPS.md --target examples/engram`,
};
