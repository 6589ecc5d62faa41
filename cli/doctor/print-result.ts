import type { CheckResult } from './check.ts';

/** Of a terminal: green, yellow, red, grey. */
const COLOURS = { ok: 32, warn: 33, fail: 31, skipped: 90 } as const;

const STATUS_WIDTH = 9;
const NAME_WIDTH = 20;

/** A result as lines of a terminal: status, name, what was found, and below it the remedy. */
export function printResult(result: CheckResult, columns = 80, coloured = false): string {
  const { status, name, found } = result;
  const indent = STATUS_WIDTH + NAME_WIDTH;
  const width = Math.max(columns - indent, 30);
  const paint = (text: string) => (coloured ? `\x1b[${COLOURS[status]}m${text}\x1b[39m` : text);
  const remedy = 'remedy' in result && result.remedy ? wrap(`→ ${result.remedy}`, width, '  ') : [];
  const head = paint(status.padEnd(STATUS_WIDTH)) + name.padEnd(NAME_WIDTH);
  const lines = [...wrap(found, width), ...remedy].map((line, i) => {
    // A name that does not fit there stands below the name of the check.
    if (line.trim().length > width && !line.includes(' '))
      return `${i === 0 ? `${head}\n` : ''}${' '.repeat(STATUS_WIDTH)}${line}`;
    return i === 0 ? head + line : ' '.repeat(indent) + line;
  });
  return lines.join('\n').replaceAll(/ +$/gm, '');
}

/** How many of each status, and what that means. */
export function summarize(results: readonly CheckResult[]): string {
  const counts = (['ok', 'warn', 'fail', 'skipped'] as const)
    .map((status) => ({ status, count: results.filter((result) => result.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${status}`);
  const obstacle = results.find((result) => 'because' in result);
  const reason = obstacle && 'because' in obstacle ? `, because of ${obstacle.because}` : '';
  return counts.join(', ') + reason;
}

/** Breaks text at spaces; what is longer than a line, such as an ARN or a command, stays whole to be copied. */
function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : indent + word);
  }
  return lines;
}
