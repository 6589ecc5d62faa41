import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

/** Commands that a page shows, to be pasted as they are. */
export interface CommandBlock {
  /** File and line. */
  readonly at: string;
  readonly text: string;
  /** In a terminal, with what it printed. */
  readonly wasShown: boolean;
}

/** The command blocks of the README and of every page. */
export function commandBlocks(): CommandBlock[] {
  return globSync('{*.md,docs/**/*.md}', { cwd: ROOT })
    .sort()
    .flatMap((file) => {
      const page = readFileSync(join(ROOT, file), 'utf8');
      return [...page.matchAll(/^```(bash|console)\n([\s\S]*?)^```$/gm)].map(
        ({ 1: kind, 2: text = '', index }) => ({
          at: `${file}:${page.slice(0, index).split('\n').length}`,
          // Of what a terminal has shown, what was typed.
          text: kind === 'bash' ? text : (text.match(/(?<=^\$ ).*$/gm) ?? []).join('\n'),
          wasShown: kind === 'console',
        }),
      );
    });
}

/**
 * How a test runs a block: in a new folder, from the packed package; in a clone, against one machine; or not at all,
 * because it deploys, or is about names and files of the reader's own. What is shown as a terminal has tests of its own.
 */
export function howRun({ text, wasShown }: CommandBlock): 'new folder' | 'one machine' | 'checked' {
  if (/npm install remotion-step-functions\n/.test(text)) return 'new folder';
  const deploys = /\bcdk (bootstrap|deploy)\b|\bverify:aws\b|\bdescribe-stacks\b|\bnpm install\b/.test(text);
  const hasPlaceholder = /(?<![\w$'"{])[A-Z][A-Z_]{3,}\b(?!=)|…/.test(text);
  const isOfTheReader = hasPlaceholder || files(text).some((file) => !existsSync(join(ROOT, file)));
  return deploys || isOfTheReader || wasShown ? 'checked' : 'one machine';
}

/** Files that a block reads. */
export function files(text: string): string[] {
  return text.match(/(?<=[ /@])[\w-][\w./-]*\.(json|csv|ts)\b/g) ?? [];
}
