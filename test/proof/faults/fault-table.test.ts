import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { synthesizeStacks } from '../../../proof/faults/fault-machines.ts';
import { inShards } from '../../../proof/faults/in-shards.ts';
import type { CellResult } from '../../../proof/faults/run-cell.ts';
import { outcome } from '../../../proof/faults/table.ts';
import type { WorkerMessage } from '../../../proof/faults/worker.ts';

jest.setTimeout(120_000);

const ROOT = join(import.meta.dirname, '..', '..', '..');
const DOCUMENT = readFileSync(join(ROOT, 'docs', 'faults.md'), 'utf8');

/** A part of the table that has every step, every way of calling and every kind of fault. */
const CELLS = [
  'delivered',
  'delivered | Step Functions → StartRender | execution stopped after the call | first',
  'delivered | Step Functions → StartRender | function runs out of time after its work | first',
  'delivered | StartRender → PutObject claim (If-None-Match) | connection reset after the call took effect | first',
  'delivered | StartRender → Invoke Remotion | throttled | first',
  'delivered | StartRender → Invoke Remotion | connection reset after the call took effect | first',
  'delivered | StartRender → Invoke Remotion | connection reset | first',
  'delivered | StartRender → Invoke Remotion | garbled answer | first',
  'delivered | StartRender → Invoke Remotion | takes effect 20 minutes late | first',
  'delivered | StartRender → Invoke Remotion | same request arrives again before the call | first',
  'delivered | StartRender → PutObject claim (If-Match) | precondition failed (412) | first',
  'delivered | Step Functions → GetRenderProgress | answered 20 minutes late | first',
  'delivered | GetRenderProgress → GetObject progress.json | truncated answer | second',
  'delivered | GetRenderProgress → GetObject progress.json | access denied | every',
  'delivered | CopyToBucket → CopyObject destination (If-None-Match) | 200 with an error in it | first',
  'delivered | CopyToBucket → CopyObject destination (If-None-Match) | function killed after the call | first',
  'delivered | CopyToBucket → CopyObject destination (If-None-Match) | conflict (409) | first',
  'delivered | CopyToBucket → HeadObject destination | not found (404) | every',
  'started by an event | EventBridge → StartExecution | internal error after the call took effect | first',
  'the render fails at 40 % | CancelRender → PutObject cancel.json | internal error | first',
  'stopped while it renders | EventBridge → CancelRender | throttled | first',
  'stopped while it renders | CancelRender → PutObject cancel.json | function killed before the call | first',
  'delivered | Step Functions → PutEvents Render Started | answered 20 minutes late | every',
  'delivered | Step Functions → PutEvents Render Succeeded | access denied | every',
  'the render fails at 40 % | Step Functions → PutEvents Render Failed | 200 with an error in it | every',
  'stopped while it renders | CancelRender → PutEvents Render Cancelled | answered 20 minutes late | every',
  'the render hangs before metadata',
  'the render lies about a timeout',
  'the render finishes after it was cancelled',
  'delivered, then its files are deleted | CopyToBucket → DeleteObjects render files | 200 with an error in it | first',
  'delivered in parts | CopyToBucket → CompleteMultipartUpload destination (If-None-Match) | 200 with an error in it | first',
  'the copy in parts is interrupted',
  'the render passes its budget',
];

describe('docs/faults.md', () => {
  const results = new Map<string, CellResult>();

  beforeAll(async () => {
    await synthesizeStacks();
    const cells = CELLS.flatMap((cell) => ['--cell', cell]);
    const worker = join(ROOT, 'proof', 'faults', 'worker.ts');
    await inShards<WorkerMessage>(worker, cells, (message) => {
      if (message.type === 'cell') results.set(message.result.cell, message.result);
    });
  });

  test.each(CELLS)('is what becomes of it: %s', (cell) => {
    const result = results.get(cell);
    expect(result?.problems).toEqual([]);
    expect(documented(cell)).toBe(outcome(result));
  });

  test('has a line for every error that the workflow can end in, beside wrong requests', () => {
    for (const name of ['SUCCEEDED', 'ABORTED', 'RenderNotStarted', 'RenderThrottled', 'StartOutcomeUnknown'])
      expect(DOCUMENT).toContain(`\`${name}\``);
    for (const name of ['RenderFailed', 'RenderTimedOut', 'RenderProgressUnavailable', 'VideoNotCopied'])
      expect(DOCUMENT).toContain(`\`${name}\``);
  });

  test('has no other end where an event cannot be published', () => {
    const sections = DOCUMENT.split('\n## ').slice(1);
    const ends = sections.flatMap((section) => {
      const without = /Without a further fault: (.*)\.\n/.exec(section)?.[1];
      const rows = section.split('\n').filter((line) => line.includes(' → PutEvents Render '));
      const inTime = rows.filter((row) => !row.includes('| execution stopped '));
      return inTime
        .flatMap((row) => row.split('|').slice(3, 6))
        .flatMap((cell) => {
          const end = cell.trim();
          return end === '' ? [] : [end === without];
        });
    });
    expect(ends.length).toBeGreaterThan(50);
    expect(ends).not.toContain(false);
  });

  test('has more than 120 cells and no broken one', () => {
    const cells = [...DOCUMENT.matchAll(/ \| `\w+`/g)];
    expect(cells.length).toBeGreaterThan(120);
    expect(DOCUMENT).not.toContain('**');
  });
});

/** What the document says about a cell. */
function documented(cell: string): string | undefined {
  const [scenario = '', call, fault, nth = ''] = cell.split(' | ');
  const title = `## ${scenario.charAt(0).toUpperCase()}${scenario.slice(1)}\n`;
  const section = DOCUMENT.split(title)[1]?.split('\n## ')[0] ?? '';
  if (call === undefined) return /Without a further fault: (.*)\.\n/.exec(section)?.[1];
  const row = section.split('\n').find((line) => line.startsWith(`| ${call} | ${fault} |`));
  return row?.split('|')[['first', 'second', 'every'].indexOf(nth) + 3]?.trim();
}
