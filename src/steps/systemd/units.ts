import { z } from 'zod';
import type { ExecResult, StepContext } from '../../core/doors.ts';
import { defineStep, error, inconclusive, Judge, note, warning } from '../../core/step.ts';
import { isUnitTemplate, unexplained, unitFaults, type UnitFault } from '../../formats/programs/systemd-verify.ts';
import { matchedFiles } from '../../repository/matched-files.ts';
import { systemdAnalyze } from '../../toolchains/tools.ts';

const params = z.strictObject({
  units: z.array(z.string().min(1)).min(1).describe('unit files or globs, relative to the target'),
});
type Params = z.infer<typeof params>;

interface Observed {
  unmatched: string[];
  /** Why it could not be asked. */
  cannot?: string;
  units: { file: string; faults: UnitFault[]; ended: boolean; failed?: string; open?: true; toEdit?: true }[];
}

const problems = {
  'units-missing': error('No unit matches', 'correct the path'),
  'unit-refused': error('systemd refuses the unit, or ignores a line of it', 'correct the line'),
  'unit-word': warning(
    'systemd does not know a key or section of the unit, and ignores it',
    'correct its name or section; a newer systemd may know it',
  ),
  'unit-remark': note('systemd remarks on the unit', 'read it'),
  'unit-template': note('A unit holds placeholders', 'give the file that is made of it'),
  'systemd-missing': inconclusive('systemd-analyze is not there, or did not answer', 'run this where systemd is'),
} as const;

export default defineStep<Params, Observed>({
  kind: 'systemd/units',
  summary: 'systemd accepts the units, and ignores no line of them.',
  description: `Runs \`systemd-analyze verify\` on each unit. A unit that systemd refuses is an error, and so is a line whose value it ignores. A word that it does not know is an error where it is spelt nearly as one that it knows, or stands in the wrong section; else a warning, since a newer systemd may know it. That a program is not on this machine says nothing; whether the programs of the repository have the flags that a unit gives them is told by \`code/calls\`.`,
  example: `- id: units
  uses: systemd/units
  with: { units: ["deploy/*.service"] }`,
  params,
  facts: { 'units.count': 'units that systemd was asked about' },
  problems,
  timeout: '120s',
  requires: () => [systemdAnalyze],
  plan: (p) => [`systemd-analyze verify --man=no ${p.units.join(' ')}`],
  leaves: 'nothing',
  async gather(p, ctx) {
    const { paths, unmatched } = await matchedFiles(p.units, ctx);
    const units: Observed['units'] = [];
    const cannot = paths.length === 0 ? undefined : await control(ctx);
    if (cannot !== undefined) return { unmatched, cannot, units };
    for (const file of paths) {
      const text = await ctx.files.read(file);
      if (isUnitTemplate(text)) {
        units.push({ file, faults: [], ended: false, open: true });
        continue;
      }
      const result = await verify(ctx, ctx.files.absolute(file));
      const output = `${result.stderr}\n${result.stdout}`;
      const failed = result.code === 0 ? undefined : unexplained(output);
      units.push({
        file,
        faults: unitFaults(output, file),
        ended: result.code !== null,
        ...(failed !== undefined && { failed }),
        // A unit that comes with its command as a comment is edited before it is installed.
        ...(!/^\s*ExecStart\s*=/m.test(text) && /^\s*[#;]\s*ExecStart\s*=/m.test(text) && { toEdit: true }),
      });
    }
    return { unmatched, units };
  },
  judge(_, { unmatched, cannot, units }) {
    const j = new Judge(problems);
    for (const pattern of unmatched)
      j.find('units-missing', `${pattern} matches no file`, { where: { file: pattern } });
    if (cannot !== undefined) return j.find('systemd-missing', `systemd-analyze: ${cannot}`).done();
    for (const { file, faults, ended, failed, open, toEdit } of units) {
      if (open) j.find('unit-template', `${file} is a template`, { where: { file } });
      else if (!ended) j.find('systemd-missing', `systemd-analyze did not end over ${file}`);
      else if (failed !== undefined)
        j.find('systemd-missing', `systemd-analyze ended with an error over ${file}: ${failed}`);
      else if (faults.every((one) => one.kind === 'remark')) j.prove(`systemd takes ${file}`);
      for (const { line, text, kind, near } of faults) {
        const about = { where: { file, ...(line !== undefined && { line }) }, subject: file };
        if (kind === 'remark') j.find('unit-remark', text, about);
        else if (kind === 'unknown')
          j.find('unit-word', text, {
            ...about,
            ...(near !== undefined && {
              level: 'error' as const,
              hint: text.includes(`'${near}'`) ? `${near} belongs to another section` : `did you mean ${near}?`,
            }),
          });
        else if (toEdit && /no ExecStart=/.test(text))
          j.find('unit-refused', `${text} (its ExecStart is a comment)`, {
            ...about,
            level: 'warning',
            hint: 'take the # away, or leave the step out where whoever installs it does so',
          });
        else j.find('unit-refused', text, about);
      }
    }
    return j.fact('units.count', units.filter((one) => one.ended).length).done();
  },
});

const verify = (ctx: StepContext, path: string): Promise<ExecResult> =>
  ctx.exec(['systemd-analyze', 'verify', '--man=no', path], {
    env: { SYSTEMD_LOG_LEVEL: 'warning', SYSTEMD_COLORS: '0', LC_ALL: 'C' },
    readsOnly: true,
  });

/** It says nothing of a unit without a fault: so it must first be seen to name a fault. @returns why it cannot be asked */
async function control(ctx: StepContext): Promise<string | undefined> {
  const folder = ctx.evidence.scratch({
    'control.service': '[Unit]\nNoWordOfSystemd=1\n[Service]\nExecStart=/bin/sh -c true\n',
  });
  const { notStarted, stdout, stderr } = await verify(ctx, `${folder}/control.service`);
  if (notStarted !== undefined) return notStarted;
  return `${stdout}${stderr}`.includes('NoWordOfSystemd')
    ? undefined
    : 'it does not name the fault of a unit that has one';
}
