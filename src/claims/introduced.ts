import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { expandBraces, namesFile } from '../formats/documents/path-text.ts';

const makes =
  /\b(?:creat\w+|add(?:s|ing)?|sav(?:e|ed|ing)|writ(?:e|ten|ing)|mak(?:e|ing)|new|nam(?:e|ed|ing)|call(?:ed|ing)?|past(?:e|ing)|put|copy|copies|rename|open|edit)\b/i;
const alone = /^[\s>*_#\-+\d.)]*`{0,2}([\w@./-]+)`{0,2}[\s*_:]*$/;
const comment = /^\s*(?:\/\/|#|--|;|\/\*|<!--)\s*(?:file(?:name)?:\s*)?([\w@./-]+)\s*(?:\*\/|-->)?\s*$/i;

/**
 * Files that the document has its reader make: named in a sentence that says so, as the title of a block, or in its first line.
 * A command that uses them is not one about files of the repository.
 */
export function filesToMake(parsed: MarkdownDocument): string[] {
  const found: string[] = [];
  const take = (text: string | undefined): void => {
    if (text !== undefined && namesFile(text)) found.push(...expandBraces(text));
  };
  for (const span of parsed.spans)
    if (makes.test(`${span.context} ${span.heading}`.replace(/`[^`]*`/g, ' '))) take(span.text.trim());
  for (const fence of parsed.fences) {
    // The text of a Compose file is for the reader to save.
    if (/"scripts"\s*:/.test(fence.text)) found.push('package.json');
    if (/^services:\s*$/m.test(fence.text)) found.push('compose.yaml');
    take(comment.exec(fence.text.split('\n')[0] ?? '')?.[1]);
    for (let at = fence.line - 3; at >= 0 && at >= fence.line - 6; at--) {
      const line = parsed.prose[at] ?? '';
      if (line.trim() === '') continue;
      take(alone.exec(line)?.[1]);
      // The sentence that ends in a colon introduces the block's file.
      if (/:\s*$/.test(line)) for (const [, name] of line.matchAll(/`([^`\s]+)`/g)) take(name);
      break;
    }
  }
  return found;
}
