import { askForge, forgeFacts, forgeParams, forgePlan, forgeProblems, judgeForge } from '../../clients/forge.ts';
import { defineStep } from '../../core/step.ts';

export default defineStep({
  kind: 'gitlab/checks',
  summary: 'The checks of GitLab are green on this very commit.',
  description: `The commit’s statuses are read: those of pipelines’ jobs and of others. Each that is \`required\` must be there and green, on the commit that is verified; of a name that ran several times all must be. Without \`required\` all must be but for those with \`allow_failure\`. One that was skipped proves nothing. One that still runs makes the step inconclusive: give \`retry\`.

It is asked by the token that the step lists under \`secrets\`, else by \`glab api\`; where neither is here, the step is inconclusive.`,
  example: `- id: ci
  uses: gitlab/checks
  secrets: [GITLAB_TOKEN]
  with: { required: [test, lint] }`,
  params: forgeParams('gitlab'),
  facts: forgeFacts,
  problems: forgeProblems,
  timeout: '60s',
  plan: forgePlan,
  gather: (p, ctx) => askForge('gitlab', p, ctx),
  judge: judgeForge,
});
