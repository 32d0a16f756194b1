import { UserError, type Diagnostic } from '../core/errors.ts';
import { painter } from './plain.ts';

const maxDiagnostics = 20;

/** What the terminal is told of an error: what is wrong, where, and what to do; of a defect of ours, what to report. */
export function errorText(error: unknown, colour: boolean): string {
  const paint = painter(colour);
  if (!(error instanceof UserError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `${paint('red', 'a defect of verify')}: ${text}\nPlease report it with the command and this text. verify on Node ${process.version}, ${process.platform}.\n`;
  }
  const { diagnostics, hint } = error;
  return [
    `${paint('red', 'error')}: ${error.message}\n`,
    ...diagnostics.slice(0, maxDiagnostics).map((one) => `\n${show(one)}`),
    ...(diagnostics.length > maxDiagnostics ? [`\n… and ${diagnostics.length - maxDiagnostics} more\n`] : []),
    ...(hint === undefined ? [] : [`${hint.replace(/^/gm, '  ')}\n`]),
  ].join('');
}

function show(diagnostic: Diagnostic): string {
  const where = [diagnostic.file, diagnostic.line, diagnostic.col].filter((part) => part !== undefined).join(':');
  return `${where}: ${diagnostic.message}\n${diagnostic.frame === undefined ? '' : `${diagnostic.frame}\n`}${diagnostic.hint === undefined ? '' : `  ${diagnostic.hint}\n`}`;
}
