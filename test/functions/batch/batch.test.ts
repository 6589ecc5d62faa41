import { jest } from '@jest/globals';
import { BATCH_METRICS } from '../../../functions/runtime/metric-definitions.ts';
import type { PreparedBatch, RowResult } from '../../../statemachine/batch-contract.ts';
import { BATCH_EVENT_SCHEMAS } from '../../../statemachine/batch-event-schema.ts';
import type { BatchRow } from '../../../statemachine/batch-row.ts';
import { collectMetrics } from '../runtime/collect-metrics.ts';
import { BUCKET, execution, loadBatchSteps, PREFIX } from './batch-steps.ts';

const steps = await loadBatchSteps();
const { bucket, prepareBatch, admitRow, recordRow, followBatch, summarizeBatch, published, mapRun } = steps;

const printed = collectMetrics();

const ITEMS = `s3://${BUCKET}/batch-items/people.csv`;
const TEMPLATE = {
  render: { composition: 'Certificate', codec: 'h264', inputProps: { name: '{% $row.name %}' } },
  destination: { key: 'certificates/{% $row.name %}.mp4' },
};
const request = {
  render: TEMPLATE.render,
  destination: { key: "{% 'certificates/' & $row.name & '.mp4' %}" },
};
const PEOPLE = 'name\nAda\nGrace\nEdsger\n';

const put = (table: string, name = 'people.csv') => bucket.put({ Key: `batch-items/${name}`, Body: table });
const of = (name: string) => `${PREFIX}batches/day-1/${name}`;
const prepare = (more: object = {}, name = 'day-1'): Promise<PreparedBatch> =>
  prepareBatch({ input: { items: ITEMS, request, ...more }, executionArn: execution(name) });
const failureOf = (run: Promise<unknown>) =>
  run.then(
    () => 'it succeeded',
    ({ name, message }: Error) => `${name}: ${message}`,
  );
const lines = <Line>(key: string): Line[] =>
  (bucket.objects.get(key)?.body ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const requests = (name = 'day-1') => lines<BatchRow>(of(`requests/${name}.jsonl`));

let enteredAt = Date.now();
const settle = (row: BatchRow, more: object) => {
  // One after the other, and none before the batch was prepared.
  enteredAt = Math.max(enteredAt + 1000, Date.now());
  const { jobId, render } = row.request;
  return recordRow({
    row: { ...row, jobId, composition: render.composition, codec: render.codec },
    executionArn: execution('child'),
    ended: null,
    failure: null,
    redriven: false,
    enteredAt: new Date(enteredAt).toISOString(),
    ...more,
  });
};
const succeed = (row: BatchRow, costInUsd = 0.002) =>
  settle(row, {
    ended: {
      ExecutionArn: execution(`row-${row.row}`),
      StartDate: 1000,
      StopDate: 9000,
      Output: { s3Uri: `s3://videos/${row.row}.mp4`, costInUsd },
    },
  });
const fail = (row: BatchRow, error = 'RenderFailed') =>
  settle(row, {
    failure: {
      error: 'States.TaskFailed',
      cause: JSON.stringify({
        Cause: JSON.stringify({ message: 'No font.', remedy: 'Add it.', costInUsd: 0.001 }),
        Error: error,
        ExecutionArn: execution(`row-${row.row}`),
        StartDate: 1000,
        StopDate: 3000,
        Status: 'FAILED',
      }),
    },
  }).catch((caught: Error) => caught);
const summarize = (batch: PreparedBatch, more: object = {}) =>
  summarizeBatch({
    batch,
    executionArn: execution('day-1'),
    startedAt: '2026-01-01T12:00:00.000Z',
    redriven: false,
    ...more,
  });

beforeEach(() => {
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  bucket.reset();
  published.length = 0;
  printed.length = 0;
  put(PEOPLE);
});

describe('preparing a batch', () => {
  test('makes a request of each row, whose job is named by batch and row', async () => {
    expect(await prepare()).toMatchObject({ batchId: 'day-1', rows: 3, rowsToRender: 3, problems: 0 });
    expect(requests()[1]).toEqual({
      batchId: 'day-1',
      row: 2,
      hash: expect.stringMatching(/^[0-9a-f]{12}$/),
      request: {
        jobId: 'day-1-2',
        render: { composition: 'Certificate', codec: 'h264', inputProps: { name: 'Grace' } },
        destination: { key: 'certificates/Grace.mp4' },
        context: { batchId: 'day-1', row: '2' },
      },
    });
    expect(lines(of('rows.jsonl'))).toHaveLength(3);
  });

  test("names jobs as the template does, else by the row's own jobId", async () => {
    put('jobId,name\nj1,Ada\n,Grace\n');
    await prepare();
    expect(requests().map((row) => row.request.jobId)).toEqual(['j1', 'day-1-2']);
    await prepare({ request: { ...request, jobId: "{% 'for-' & $row.name %}" } });
    expect(requests()[0]?.request.jobId).toBe('for-Ada');
  });

  test('takes rows that are whole requests, where there is no template', async () => {
    const row = { jobId: 'j', render: { composition: 'A', codec: 'h264' }, context: { tenant: 'acme' } };
    put(JSON.stringify(row), 'people.jsonl');
    await prepareBatch({
      input: { items: `s3://${BUCKET}/batch-items/people.jsonl` },
      executionArn: execution('day-1'),
    });
    const context = { batchId: 'day-1', row: '1', tenant: 'acme' };
    expect(requests()[0]?.request).toEqual({ ...row, context });
  });

  test('tells all problems of all rows, by row and field, and renders nothing', async () => {
    put('name,codec\nAda,h264\nGrace,h266\nAda,h264\n,h264\n');
    const template = {
      ...request,
      render: { ...request.render, codec: '{% $row.codec %}', fps: 1, region: 'x' },
    };
    const failure = await failureOf(prepare({ request: { ...template, size: 7 } }));
    expect(failure).toMatch(/^InvalidRows: The rows have 9 problems; nothing was rendered\./);
    expect(failure).toContain('row 2: render.codec: given "h266"; accepted: one of h264');
    expect(lines(of('problems.jsonl'))).toEqual(
      expect.arrayContaining([
        { row: 1, field: 'size', problem: expect.stringContaining('given 7') },
        { row: 4, field: 'render.region', problem: expect.any(String) },
      ]),
    );
    expect(requests()).toEqual([]);
  });

  test('finds two rows with one job or one key', async () => {
    put('jobId,name\na,Ada\na,Grace\nb,Ada\n');
    const failure = await failureOf(prepare());
    expect(failure).toContain('row 2: jobId: is also that of row 1');
    expect(failure).toContain('row 3: destination.key: is also that of row 1');
  });

  test('refuses a template that uses a column which is not there, and an expression that gives nothing or fails', async () => {
    const named = { ...request, jobId: '{% $row.`order id` %}' };
    expect(await failureOf(prepare({ request: named }))).toBe(
      'InvalidTable: The header lacks a column: request.jobId uses "order id". Its columns are "name".',
    );
    const failing = { ...request, size: "{% $row.name = 'Ada' ? $number($row.name) : $lookup($row, 'x') %}" };
    const failure = await failureOf(prepare({ request: failing }));
    expect(failure).toMatch(/row 1: size: \{%.*%\} fails: Unable to cast value to a number \(D3030\)/);
    expect(failure).toMatch(/row 2: size: \{%.*%\} gives nothing/);
    expect(await failureOf(prepare({ request: { ...request, size: '{% ( %}' } }))).toMatch(
      /^InvalidBatchRequest: request.size: is no JSONata expression/,
    );
  });

  test.each([
    ["{% 'Hello ' & $row.name", 'has an expression that does not end'],
    ['Hello {% $row.name %}', 'has an expression in a longer text'],
    ['{% $row.name %} ', 'has an expression in a longer text'],
  ])('refuses the text %j, which would be rendered as it stands', async (title, problem) => {
    const render = { ...request.render, inputProps: { titles: [{ title }] } };
    expect(await failureOf(prepare({ request: { ...request, render } }))).toContain(
      `InvalidBatchRequest: request.render.inputProps.titles.0.title: ${problem}; accepted: `,
    );
  });

  test('takes a text with such signs as one of an expression', async () => {
    const title = "{% '{{name}} {% x %}' %}";
    const render = { ...request.render, inputProps: { title } };
    await prepare({ request: { ...request, render } });
    expect(requests()[0]?.request.render.inputProps).toEqual({ title: '{{name}} {% x %}' });
  });

  test.each(['$sum', 'function($x){ $x }', '[$sum]', '/a/'])(
    'refuses an expression that gives a function, which no request can have: %s',
    async (expression) => {
      const render = { ...request.render, inputProps: { title: `{% ${expression} %}` } };
      const failure = await failureOf(prepare({ request: { ...request, render } }));
      expect(failure).toMatch(/row 1: render\.inputProps\.title: \{% .* %\} gives a function/);
    },
  );

  test('refuses an expression that comes to no end, with its row', async () => {
    const failure = await failureOf(
      prepare({ request: { ...request, size: '{% ($f := function($x) { $f($x + 1) }; $f(1)) %}' } }),
    );
    expect(failure).toMatch(
      /^InvalidBatchRequest: request\.size: \{%.*%\} takes more than 2 seconds for row 1$/,
    );
  });

  test.each([
    [
      'a jobId that is no name',
      { jobId: "{% $row.name & '/1' %}" },
      /row 1: jobId: given "Ada\/1"; accepted: 1 to 128/,
    ],
    [
      'a context that is too long with batch and row',
      { context: { note: 'x'.repeat(2030) } },
      /row 1: context: /,
    ],
    [
      'a bucket that is none of the stack',
      { destination: { ...request.destination, bucket: 'elsewhere' } },
      /row 1: destination\.bucket: given "elsewhere"; accepted: videos or archive/,
    ],
    [
      'the extension of another kind of video',
      { render: { ...request.render, codec: 'gif' } },
      /row 1: destination\.key: given "certificates\/Ada\.mp4"; accepted: a key with the extension \.gif/,
    ],
    ['tags that the stack may not set', { destination: { tags: { a: 'b' } } }, /row 3: destination\.tags: /],
    ['a size that the stack does not have', { size: 'large' }, /row 2: size: given "large"; accepted: none/],
  ])('refuses, before anything is rendered, %s', async (_, more, problem) => {
    expect(await failureOf(prepare({ request: { ...request, ...more } }))).toMatch(problem);
    expect(requests()).toEqual([]);
  });

  test('finds two rows with one key also where one spells it differently', async () => {
    put('jobId,key,bucket\na,x/a.mp4,videos\nb,x/a.{extension},videos\nc,x/a.mp4,archive\n');
    const destination = { key: '{% $row.key %}', bucket: '{% $row.bucket %}' };
    const render = { ...request.render, inputProps: {} };
    const failure = await failureOf(prepare({ request: { render, destination } }));
    expect(failure).toContain('The rows have 1 problems');
    expect(failure).toContain('row 2: destination.key: is also that of row 1');
  });

  test('refuses the jobId of a row that is no text', async () => {
    put('{"jobId":7,"name":"Ada"}\n{"jobId":null,"name":"Grace"}\n', 'people.jsonl');
    const failure = await failureOf(prepare({ items: ITEMS.replace('.csv', '.jsonl') }));
    expect(failure).toMatch(/The rows have 1 problems[\s\S]*row 1: jobId: given 7; accepted: 1 to 128/);
  });

  test('refuses rows without a site, where the stack has none by default', async () => {
    const { DEFAULT_SERVE_URL } = process.env;
    delete process.env.DEFAULT_SERVE_URL;
    const failure = await failureOf(prepare());
    process.env.DEFAULT_SERVE_URL = DEFAULT_SERVE_URL;
    expect(failure).toContain(
      'row 3: render.serveUrl: given nothing; accepted: the URL or the name of a Remotion site',
    );
  });

  test('refuses a row whose request is larger than an execution takes', async () => {
    put(`name\nAda\n${'x'.repeat(250_000)}\n`);
    expect(await failureOf(prepare({ request: { ...request, destination: undefined } }))).toMatch(
      /row 2: request: has \d+ bytes; accepted: at most 240000/,
    );
  });

  test.each([
    [{ items: 's3://elsewhere/batch-items/a.csv' }, /^InvalidBatchRequest: items: given s3:\/\/elsewhere/],
    [
      { items: `s3://${BUCKET}/sites/a.csv` },
      /items: given .*; accepted: s3:\/\/<Remotion bucket>\/batch-items/,
    ],
    [{ items: `s3://${BUCKET}/batch-items/none.csv` }, /^InvalidTable: There is no table at/],
    [
      { maxConcurrentRenders: 0, stopping: 'now', more: 1 },
      /maxConcurrentRenders: given 0[\s\S]*stopping: given "now"/,
    ],
    [{ maxConcurrentRenders: 0, more: 1 }, /more: not a field of a request/],
  ])('refuses %j', async (more, message) => {
    expect(await failureOf(prepare(more))).toMatch(message);
  });

  test('leaves out the rows that have their video, unless they have changed since', async () => {
    await prepare();
    for (const row of requests().slice(0, 2)) await succeed(row);
    put('name\nAda\nGrace Hopper\nEdsger\n');
    expect(await prepare({ batchId: 'day-1' }, 'again')).toMatchObject({ rows: 3, rowsToRender: 2 });
    const again = { ...request, render: { ...request.render } };
    put(PEOPLE);
    expect(await prepare({ batchId: 'day-1', request: again }, 'third')).toMatchObject({ rowsToRender: 1 });
    expect(requests('third').map(({ row }) => row)).toEqual([3]);
  });

  test('forgets what has stopped the batch before', async () => {
    bucket.put({ Key: of('stop.json'), Body: '{"reason":"BatchStopped"}' });
    expect(await admitRow({ batchId: 'day-1', row: 1, executionArn: execution('x') })).toEqual({
      admitted: false,
      reason: 'BatchStopped',
    });
    await prepare();
    expect(await admitRow({ batchId: 'day-1', row: 1, executionArn: execution('x') })).toMatchObject({
      admitted: true,
    });
  });

  test('renders a sample that is taken evenly from the table', async () => {
    put(`name\n${Array.from({ length: 100 }, (_, i) => `n${i}`).join('\n')}\n`);
    expect(await prepare({ sample: 4 })).toMatchObject({ rows: 4, rowsToRender: 4 });
    const rows = requests().map(({ row }) => row);
    expect(rows).toHaveLength(4);
    expect(rows[0]).toBe(1);
    expect(rows[3]).toBeGreaterThan(60);
  });

  test('as a dry run tells rows, problems and what renders of the compositions have cost, and writes no requests', async () => {
    expect(await prepare({ dryRun: true })).toMatchObject({ rows: 3, expectedCostInUsd: null });
    const batch = await prepare();
    for (const [i, row] of requests().entries()) await succeed(row, 0.001 * (i + 1));
    await summarize(batch);
    put('name\na\nb\n');
    const forecast = await prepare({ dryRun: true, batchId: 'day-2' });
    expect(forecast).toMatchObject({ rows: 2, rowsToRender: 2, problems: 0 });
    expect(forecast.expectedCostInUsd).toEqual({ low: 0.002, high: 0.006, knownRenders: 3 });
    expect(bucket.objects.has(`${PREFIX}batches/day-2/requests/day-1.jsonl`)).toBe(false);
    put('name,name\n');
    expect(await failureOf(prepare({ dryRun: true }))).toMatch(/^InvalidTable/);
    put('name\n\n a\n');
    const wrong = { ...request, size: '' };
    expect(await prepare({ dryRun: true, request: wrong })).toMatchObject({ rows: 1, problems: 1 });
  });
});

describe('the results of a batch', () => {
  test('have a line of each row in order, a CSV of the same and a summary', async () => {
    const batch = await prepare({ toleratedFailurePercentage: 50 });
    const [first, second] = requests() as [BatchRow, BatchRow];
    await fail(second);
    await succeed(first);
    await succeed(requests()[2] as BatchRow);
    const summary = await summarize(batch);
    expect(summary).toMatchObject({
      outcome: 'SUCCEEDED',
      rows: 3,
      succeeded: 2,
      failed: 1,
      unfinished: 0,
      failures: { RenderFailed: 1 },
      seconds: { median: 8, longest: 8, sum: 16 },
      results: { jsonl: `s3://${BUCKET}/${of('results.jsonl')}` },
    });
    expect(summary.costInUsd).toBeCloseTo(0.005);
    const results = lines<RowResult>(of('results.jsonl'));
    expect(results.map(({ row, status }) => [row, status])).toEqual([
      [1, 'succeeded'],
      [2, 'failed'],
      [3, 'succeeded'],
    ]);
    expect(results[1]).toEqual({
      row: 2,
      jobId: 'day-1-2',
      status: 'failed',
      s3Uri: null,
      costInUsd: 0.001,
      seconds: 2,
      error: 'RenderFailed',
      message: 'No font.',
      remedy: 'Add it.',
      executionArn: execution('row-2'),
    });
    const [header, row] = bucket.objects.get(of('results.csv'))?.body.split('\r\n') ?? [];
    expect(header).toBe('row,jobId,status,s3Uri,costInUsd,seconds,error,message,remedy,executionArn');
    expect(row).toBe(`1,day-1-1,succeeded,s3://videos/1.mp4,0.002,8,,,,${execution('row-1')}`);
  });

  test('fail the batch by name where more rows have failed than may', async () => {
    const batch = await prepare();
    for (const row of requests()) await (row.row === 2 ? fail(row, 'RenderTimedOut') : succeed(row));
    expect(await failureOf(summarize(batch))).toBe('RowsFailed: 1 of 3 rows have failed.');
    expect(bucket.json(of('summary.json'))).toMatchObject({ outcome: 'RowsFailed', failed: 1 });
  });

  test('are no success where the rows of the batch cannot be read', async () => {
    const batch = await prepare();
    for (const row of requests()) await succeed(row);
    bucket.objects.delete(of('rows.jsonl'));
    expect(await failureOf(summarize(batch))).toMatch(/^InternalError: .*rows\.jsonl cannot be read\.$/);
    expect(bucket.objects.has(of('summary.json'))).toBe(false);
  });

  test('a row fails by the name of its error, and is rendered again when it is redriven', async () => {
    await prepare();
    const [row] = requests() as [BatchRow];
    expect(await fail(row, 'DestinationExists')).toMatchObject({
      name: 'DestinationExists',
      message: 'Row 1 (day-1-1): No font.',
    });
    expect(await settle(row, { failure: { error: 'x', cause: '' }, redriven: true })).toEqual({
      row: 1,
      status: 'redriven',
    });
  });

  test.each([
    ['was stopped', { Status: 'ABORTED' }, 'RenderCancelled'],
    ['has timed out', { Status: 'TIMED_OUT' }, 'RenderTimedOut'],
  ])('a row whose execution %s has a name, too', async (_, description, name) => {
    await prepare();
    const [row] = requests() as [BatchRow];
    const failure = { error: 'States.TaskFailed', cause: JSON.stringify(description) };
    await settle(row, { failure }).catch(() => {});
    const key = [...bucket.objects.keys()].find((key) => key.startsWith(of('rows/'))) as string;
    expect(bucket.json(key)).toMatchObject({ status: 'failed', error: name });
  });

  test('a cause whose end Step Functions has cut off still has name and message', async () => {
    await prepare();
    const [row] = requests() as [BatchRow];
    const cause = `{"Cause":"{\\"message\\":\\"No \\\\\\"font\\\\\\"\\"}","Error":"RenderFailed","ExecutionArn":"${execution('r')}","Input":"xx`;
    await settle(row, { failure: { error: 'States.TaskFailed', cause } }).catch(() => {});
    const key = [...bucket.objects.keys()].find((key) => key.startsWith(of('rows/'))) as string;
    expect(bucket.json(key)).toMatchObject({ error: 'RenderFailed', message: 'No "font"' });
  });

  test('are prepared anew when the batch is redriven after its end', async () => {
    expect(await summarize(await prepare(), { redriven: true })).toEqual({ again: true });
  });

  test('are told on the event bus, in events that fit their schemas', async () => {
    const batch = await prepare();
    for (const row of requests()) await succeed(row);
    await summarize(batch);
    await fail(requests()[0] as BatchRow);
    await summarize(batch).catch(() => {});
    expect(published.map(({ type }) => type)).toEqual(['Batch Succeeded', 'Batch Failed']);
    for (const { type, detail } of published) expect(BATCH_EVENT_SCHEMAS[type].parse(detail)).toEqual(detail);
  });
});

describe('a batch that has ended outside of its definition', () => {
  const ended = (status: string, more: object = {}) =>
    summarizeBatch({
      'detail-type': 'Step Functions Execution Status Change',
      detail: {
        executionArn: execution('day-1'),
        name: 'day-1',
        status,
        startDate: 1_767_268_800_000,
        ...more,
      },
    });

  test('has its results, and is told of', async () => {
    await prepare();
    await succeed(requests()[0] as BatchRow);
    await ended('ABORTED', { error: 'Stopped', cause: 'By hand.' });
    expect(bucket.json(of('summary.json'))).toMatchObject({
      outcome: 'BatchStopped',
      succeeded: 1,
      unfinished: 2,
    });
    const [event] = published;
    expect(event).toMatchObject({
      type: 'Batch Failed',
      detail: { error: { name: 'BatchStopped', message: 'The execution was stopped: Stopped: By hand..' } },
    });
    expect(BATCH_EVENT_SCHEMAS['Batch Failed'].parse(event?.detail)).toEqual(event?.detail);
  });

  test('before a row was started, is told of as well', async () => {
    const cause = JSON.stringify({ errorMessage: 'The table has no rows.' });
    await ended('FAILED', { error: 'InvalidTable', cause });
    expect(published[0]?.detail).toMatchObject({
      batchId: null,
      results: null,
      error: { name: 'InvalidTable', message: 'The table has no rows.' },
    });
    await ended('FAILED', { error: 'States.ItemReaderFailed', cause: 'No such key.' });
    expect(published[1]?.detail).toMatchObject({
      error: { name: 'BatchBroken', message: 'States.ItemReaderFailed: No such key.' },
    });
  });

  test.each(['RowsFailed', 'BatchOverBudget', 'BatchStopped', 'BatchBroken'])(
    'is not told of twice, where its own machine has: %s',
    async (error) => {
      await ended('FAILED', { error });
      expect({ published, printed }).toEqual({ published: [], printed: [] });
    },
  );

  test('as a dry run is nobody else’s business', async () => {
    await ended('FAILED', { error: 'InvalidTable', input: JSON.stringify({ items: ITEMS, dryRun: true }) });
    expect({ published, printed }).toEqual({ published: [], printed: [] });
    await ended('FAILED', { error: 'InvalidTable', input: JSON.stringify({ items: ITEMS }) });
    expect(published).toHaveLength(1);
  });
});

describe('the metrics of batches', () => {
  const counted = () => printed.map(({ name, value }) => `${name} ${value}`);

  test('count every row that has ended', async () => {
    await prepare();
    const [first, second] = requests() as [BatchRow, BatchRow];
    await succeed(first);
    await fail(second);
    expect(counted()).toEqual(['RowsSucceeded 1', 'RowsFailed 1']);
    for (const { namespace, name, unit, dimensions } of printed) {
      expect({ namespace, unit }).toEqual({
        namespace: 'RemotionStepFunctions',
        unit: BATCH_METRICS[name as keyof typeof BATCH_METRICS].unit,
      });
      expect(dimensions).toEqual({ service: 'Videos-RenderWorkflow' });
    }
  });

  test('count every end of a batch as one thing', async () => {
    const batch = await prepare({ toleratedFailurePercentage: 100 });
    const end = async (more: object = {}) => {
      printed.length = 0;
      await summarize({ ...batch, ...more }).catch(() => {});
      return counted();
    };
    expect(await end()).toEqual(['BatchesFailed 1']);
    bucket.put({ Key: of('stop.json'), Body: '{"reason":"BatchStopped","message":"By hand."}' });
    expect(await end()).toEqual(['BatchesStopped 1']);
    bucket.put({ Key: of('stop.json'), Body: '{"reason":"BatchOverBudget","message":"Spent."}' });
    expect(await end()).toEqual(['BatchesOverBudget 1']);
    for (const row of requests()) await succeed(row);
    expect(await end()).toEqual(['BatchesSucceeded 1']);
  });
});

describe('following a batch', () => {
  const follow = (batch: PreparedBatch, publishedAt: string | null = null) =>
    followBatch({ batch, executionArn: execution('day-1'), publishedAt });

  test('counts rows and cost, of all attempts', async () => {
    const batch = await prepare();
    mapRun('RUNNING', 2);
    const [first] = requests() as [BatchRow];
    await fail(first);
    expect(await follow(batch)).toMatchObject({ succeeded: 0, failed: 1, unfinished: 2, running: 2 });
    await succeed(first, 0.002);
    const progress = await follow(batch);
    expect(progress).toMatchObject({ succeeded: 1, failed: 0, costInUsd: 0.003, isOver: false });
    expect(bucket.json(of('progress.json'))).toEqual(progress);
    mapRun('SUCCEEDED', 0);
    expect(await follow(batch)).toMatchObject({ isOver: true });
  });

  test('counts the rows of a sample, wherever in the table they are', async () => {
    put(`name\n${Array.from({ length: 100 }, (_, i) => `n${i}`).join('\n')}\n`);
    const batch = await prepare({ sample: 4 });
    mapRun('RUNNING', 1);
    for (const row of requests().slice(1)) await succeed(row);
    expect(await follow(batch)).toMatchObject({ rows: 4, succeeded: 3, failed: 0, unfinished: 1 });
  });

  test('counts rows that had their video before, and not those that have failed or changed since', async () => {
    await prepare();
    const [first, second, third] = requests() as [BatchRow, BatchRow, BatchRow];
    await succeed(first);
    await succeed(second);
    await fail(third);
    put('name\nAda\nGrace Hopper\nEdsger\n');
    const preparedAt = new Date(enteredAt + 1).toISOString();
    const again = { ...(await prepare({ batchId: 'day-1' }, 'again')), preparedAt };
    mapRun('RUNNING', 2);
    expect(again).toMatchObject({ rows: 3, rowsToRender: 2 });
    expect(await follow(again)).toMatchObject({ succeeded: 1, failed: 0, unfinished: 2, rowsToRender: 2 });
    await succeed(requests('again')[0] as BatchRow);
    expect(await follow(again)).toMatchObject({ succeeded: 2, failed: 0, unfinished: 1 });
  });

  test('takes no Map Run from before for that of the batch', async () => {
    const batch = await prepare();
    mapRun('FAILED', 0, new Date(0));
    expect(await follow(batch)).toMatchObject({ isOver: false });
  });

  test('publishes at most once a minute', async () => {
    const batch = await prepare();
    mapRun('RUNNING', 2);
    expect(await follow(batch)).toMatchObject({ publish: false, secondsUntilNextLook: 5 });
    const older = { ...batch, preparedAt: new Date(Date.now() - 61_000).toISOString() };
    mapRun('RUNNING', 2);
    expect(await follow(older)).toMatchObject({ publish: true, secondsUntilNextLook: 6 });
    expect(await follow(older, new Date().toISOString())).toMatchObject({ publish: false });
  });

  test('looks ever less often, so that an execution has events enough for two weeks', async () => {
    const batch = await prepare();
    mapRun('RUNNING', 2);
    const hours = async (age: number) => {
      const old = { ...batch, preparedAt: new Date(Date.now() - age * 3_600_000).toISOString() };
      return (await follow(old)).secondsUntilNextLook;
    };
    expect([await hours(1), await hours(10), await hours(300)]).toEqual([60, 360, 10_800]);
  });

  test('starts no more rows once the budget is spent, and cancels those that run where it is wanted', async () => {
    const batch = await prepare({ maxCostInUsd: 0.002 });
    mapRun('RUNNING', 1);
    await succeed(requests()[0] as BatchRow);
    expect(await follow(batch)).toMatchObject({ cancel: false });
    expect(await admitRow({ batchId: 'day-1', row: 2, executionArn: execution('x') })).toMatchObject({
      admitted: false,
      reason: 'BatchOverBudget',
    });
    expect(await follow({ ...batch, stopping: 'cancel-running' })).toMatchObject({ cancel: true });
    expect(await failureOf(summarize(batch))).toMatch(/^BatchOverBudget: .*cost \$0\.0020.*0\.002\.$/);
  });
});
