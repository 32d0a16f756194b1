import type { StepContext } from '../core/step.ts';
import type { ComposeService } from '../formats/compose/model.ts';
import { missingTool, stageTools } from '../formats/docker/image-tools.ts';
import type { StackJudge } from './checks.ts';
import { dockerfileText } from './container.ts';

/** A healthcheck that cannot run. */
export interface SeenHealth {
  service: string;
  image: string;
  command: string;
  tool: string;
}

/** Healthchecks, of Compose or of the Dockerfile, whose program is not in the image. */
export async function lookAtHealth(services: readonly ComposeService[], ctx: StepContext): Promise<SeenHealth[]> {
  const seen: SeenHealth[] = [];
  for (const service of services) {
    if (service.healthcheck === 'disabled') continue;
    const dockerfile = service.build && (await dockerfileText(service, ctx));
    // A stage that is not the last: its tools are another's.
    if (service.build && (dockerfile === undefined || service.build.target !== undefined)) continue;
    const stage = dockerfile === undefined ? undefined : stageTools(dockerfile);
    const health = service.healthcheck === 'given' ? service.health : (stage?.health ?? []);
    const image = stage?.base ?? service.image;
    const tool = missingTool(health, image, stage);
    if (tool !== undefined)
      seen.push({ service: service.name, image, command: health.slice(1).join(' ').slice(0, 120), tool });
  }
  return seen;
}

export function judgeHealth(
  j: StackJudge,
  seen: readonly SeenHealth[],
  at: (key: string) => { file: string; line?: number },
): void {
  for (const { service, image, command, tool } of seen)
    j.find(
      'healthcheck-tool',
      `the healthcheck of ${service} runs "${command}", and ${image} has no ${tool.replace('a ', '')}`,
      {
        subject: service,
        where: at(service),
      },
    );
}
