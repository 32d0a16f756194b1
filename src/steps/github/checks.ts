import { z } from 'zod';
import { askForge, forgeFacts, forgeParams, forgePlan, forgeProblems, judgeForge } from '../../clients/forge.ts';
import { defineStep } from '../../core/step.ts';

export default defineStep({
  kind: 'github/checks',
  summary: 'The checks of GitHub are green on this very commit.',
  description: `Check runs and commit statuses are read. Each that is \`required\` must be there and green, on the commit that is verified; of a name that ran several times all must be. One that was skipped proves nothing. One that still runs makes the step inconclusive: give \`retry\`. \`requiredOf: main\` takes the list from the protection and the rules of that branch, as GitHub itself does before a merge, with the app that each has to come from. Anybody with a token can set a green status of any name: \`app: github-actions\` counts only check runs of that app.

It is asked by the token that the step lists under \`secrets\`, else by \`gh api\`; where neither is here, the step is inconclusive.`,
  example: `- id: ci
  uses: github/checks
  secrets: [GITHUB_TOKEN]
  with: { required: [test, lint] }`,
  params: forgeParams('github').extend({
    requiredOf: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('a branch: what its protection and its rules require must be green, beside `required`'),
    app: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('only checks that this GitHub app ran count, by its short name or id: `github-actions`'),
  }),
  facts: forgeFacts,
  problems: forgeProblems,
  timeout: '60s',
  plan: forgePlan,
  gather: (p, ctx) => askForge('github', p, ctx),
  judge: judgeForge,
});
