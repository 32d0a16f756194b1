/** What `--help` says below the options of each command: examples, and what its exit codes mean. */
export const help = {
  verify: `
Examples:
  verify milestone-16 --target ../engram     run the checklist on a repository
  verify plan milestone-16                   show every command before anything runs
  verify milestone-16 --only tests           one step and what it needs (such a run cannot be signed)
  verify milestone-16 --shard 2/3            its second third; \`verify merge\` merges the parts
  verify milestone-16 --resume               continue after a run that failed or was killed; passes that still hold are reused
  verify sign-off milestone-16 --role release-manager
  verify gate milestone-16                   may the next milestone start? offline, for CI

Exit codes: 0 passed, 10 failed, 11 incomplete, 12 inconclusive, 20-22 gate, 64 usage, 65 invalid checklist,
66 file missing, 70 a bug in verify, 73 cannot write, 74 I/O error, 75 locked, 77 untrusted, 78 nothing selected.`,

  merge: `
A folder is that of a run, or one that contains runs, such as what a CI job has downloaded.

Examples:
  verify milestone-16 --shard 2/3        on the second of three machines; exits with 11 if all of it passed
  verify merge shards/                   on one machine, with the results of the three
  verify merge reports/milestone-16/RUN-1 reports/milestone-16/RUN-2

Exit codes: 0 and 10-12 as for a run; 11 also if a shard is missing, 21 a shard was altered, 22 made by another
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

Exit code, at Ctrl-C: that of the last run started on the page (0, 10, 11, 12), 11 if there was none; 130 if it stopped a run.`,

  clean: `
Looks only at what verify itself created, recognised by its labels and marks, and never at a run in progress.

Examples:
  verify clean              list, and remove nothing
  verify clean --yes        remove what dead runs left behind
  verify clean --yes RUN    remove what one run left, even if it was kept on purpose`,

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

Exit codes: 0 nothing got worse, 10 a step no longer passes, or there is a new finding above a note.`,

  completion: `
Examples:
  source <(verify completion bash)
  verify completion zsh > "\${fpath[1]}/_verify"
  verify completion fish > ~/.config/fish/completions/verify.fish`,

  init: `
Writes checklists/<milestone>.yaml, a template for .verify/allowed_signers, a line in .gitattributes and, where ignore rules would
keep the evidence of runs out of commits, one in .gitignore.

Examples:
  verify init                                              from what this repository has
  verify init --from roadmap/milestone-16/NEXT_STEPS.md    also from what its document says
  verify init --target ../other --print                    print the draft before anything is written`,

  claims: `
Prints YAML to paste into a checklist; comments list the claims that were found, and whether they are true. Exit code 10 if one is proven false.

Examples:
  verify claims README.md
  verify claims roadmap/milestone-16/NEXT_STEPS.md --target examples/engram`,
};
