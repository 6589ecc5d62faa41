import { availableParallelism, totalmem } from 'node:os';

/**
 * Prints a table in Markdown.
 *
 * @param ruler Of all columns but the first: `---`, or `---:` for columns of numbers.
 */
export function printTable(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  ruler: '---' | '---:' = '---',
): void {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rulers = heading.map((_, column) => (column === 0 ? '---' : ruler));
  console.log([heading, rulers, ...rows].map(line).join('\n'));
}

/** What the figures of a benchmark depend on. */
export function describeMachine(): string {
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${availableParallelism()} cores, ${memory} GiB, Node.js ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
}

/** The middle value; of an even count the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}
