import { compareWithDocument, DOCUMENT } from './fault-document.ts';

// Every step, every way of calling; `npm run test:all` has more, `npm run faults` all.
compareWithDocument(
  [
    'delivered',
    'delivered | Step Functions → StartRender | function runs out of time after its work | first',
    'delivered | StartRender → PutObject claim (If-None-Match) | connection reset after the call took effect | first',
    'delivered | StartRender → Invoke Remotion | connection reset after the call took effect | first',
    'delivered | GetRenderProgress → GetObject progress.json | truncated answer | second',
    'delivered | CopyToBucket → CopyObject destination (If-None-Match) | 200 with an error in it | first',
    'started by an event | EventBridge → StartExecution | internal error after the call took effect | first',
    'stopped while it renders | CancelRender → PutObject cancel.json | function killed before the call | first',
    'delivered | Step Functions → PutEvents Render Started | answered 20 minutes late | every',
    'the render passes its budget',
  ],
  1,
);

describe('docs/faults.md', () => {
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
