import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesizeStacks } from '../../../proof/faults/fault-machines.ts';
import { inShards } from '../../../proof/faults/in-shards.ts';
import type { CellResult } from '../../../proof/faults/run-cell.ts';
import { outcome } from '../../../proof/faults/table.ts';
import type { WorkerMessage } from '../../../proof/faults/worker.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
export const DOCUMENT = readFileSync(join(ROOT, 'docs', 'faults.md'), 'utf8');

/** Runs cells of the table, in so many processes, and compares what becomes of each with docs/faults.md. */
export function compareWithDocument(cells: readonly string[], processes: number): void {
  const results = new Map<string, CellResult>();

  beforeAll(async () => {
    await synthesizeStacks();
    const options = cells.flatMap((cell) => ['--cell', cell]);
    const worker = join(ROOT, 'proof', 'faults', 'worker.ts');
    const keep = (message: WorkerMessage) => {
      if (message.type === 'cell') results.set(message.result.cell, message.result);
    };
    await inShards<WorkerMessage>(worker, options, keep, processes);
  }, 600_000);

  test.each([...cells])('docs/faults.md is what becomes of it: %s', (cell) => {
    const result = results.get(cell);
    expect(result?.problems).toEqual([]);
    expect(documented(cell)).toBe(outcome(result));
  });
}

/** What the document says about a cell. */
function documented(cell: string): string | undefined {
  const [scenario = '', call, fault, nth = ''] = cell.split(' | ');
  const title = `## ${scenario.charAt(0).toUpperCase()}${scenario.slice(1)}\n`;
  const section = DOCUMENT.split(title)[1]?.split('\n## ')[0] ?? '';
  if (call === undefined) return /Without a further fault: (.*)\.\n/.exec(section)?.[1];
  const row = section.split('\n').find((line) => line.startsWith(`| ${call} | ${fault} |`));
  return row?.split('|')[['first', 'second', 'every'].indexOf(nth) + 3]?.trim();
}
