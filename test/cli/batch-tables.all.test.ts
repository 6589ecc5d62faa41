import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { followExecution } from '../../cli/follow-execution.ts';
import { smallRender } from '../end-to-end/test-machine.ts';
import { commandOnMachine } from './command-on-machine.ts';

const command = commandOnMachine();
const { run, requestFile } = command;

const render = { ...smallRender, inputProps: { title: '{% $row.name %}' } };
const template = { render, destination: { key: "{% 'people/' & $row.name & '.mp4' %}" } };
const noKey = { render };

let files = 0;
function table(content: string | Buffer, format = 'csv'): string {
  files += 1;
  const file = join(command.folder, `table-${files}.${format}`);
  writeFileSync(file, content);
  return file;
}

/** What the command says of a table, of which nothing is rendered. */
async function dryRun(content: string | Buffer, format = 'csv', request: object = template) {
  const args = ['--rows', table(content, format), '--request', requestFile(`request-${files}`, request)];
  const { status, stderr } = await run('batch', ...args, '--dry-run');
  return { status, told: stderr };
}

describe('a table that cannot be rendered ends the command with a name, the row and the field', () => {
  test.each<[string, string | Buffer, string, RegExp, object?]>([
    ['nothing in it', '', 'csv', /✖ InvalidTable\n {2}The table is empty/],
    ['headers only', 'name,year\n', 'csv', /InvalidTable\n {2}The table has no rows/],
    [
      'no column that the template uses',
      'nom\nAda\n',
      'csv',
      /InvalidTable\n.*render\.inputProps\.title uses "name".*Its columns are "nom"/,
    ],
    ['a column twice', 'name,name\na,b\n', 'csv', /InvalidTable\n.*the column "name" twice/],
    [
      'a quote that is not closed',
      'name\nAda\n"Grace\n',
      'csv',
      /InvalidTable\n {2}Row 2 has a quote that is not closed/,
    ],
    ['a row of another length', 'name\nAda\nGrace,1906\n', 'csv', /InvalidTable\n {2}Row 2 has 2 fields/],
    [
      'letters that are not UTF-8',
      Buffer.from('name\nAda\nZo\xeb\n', 'latin1'),
      'csv',
      /InvalidTable\n {2}Row 2 is not UTF-8/,
    ],
    [
      'a row that is too large',
      `name\nAda\n${'x'.repeat(250_000)}\n`,
      'csv',
      /row 2: request: has \d+ bytes/,
      noKey,
    ],
    [
      'two rows of one key',
      'name\nAda\nGrace\nAda\n',
      'csv',
      /row 3: destination\.key: is also that of row 1/,
    ],
    ['two rows of one job', 'jobId,name\na,Ada\na,Grace\n', 'csv', /row 2: jobId: is also that of row 1/],
    ['a line that is not JSON', '{"name":"Ada"}\n{"name"\n', 'jsonl', /InvalidTable\n {2}Row 2 is not JSON/],
    [
      'a row without the field',
      '{"name":"Ada"}\n{"nom":"Grace"}\n',
      'jsonl',
      /row 2: render\.inputProps\.title: .* gives nothing/,
    ],
    ['an array of other things', '[{"name":"Ada"},7]', 'json', /InvalidTable\n {2}Row 2 is not an object/],
    ['an object', '{"name":"Ada"}', 'json', /InvalidTable\n.*not an array of objects/],
  ])('%s', async (_, content, format, message, ...[request]) => {
    const { status, told } = await dryRun(content, format, request);
    expect(told).toMatch(message);
    expect(status).toBe(1);
  });

  test('more bytes than a batch takes, before they are uploaded', async () => {
    const { status, told } = await dryRun(Buffer.alloc(256 * 1024 ** 2 + 1, `name\n${'x'.repeat(1018)}\n`));
    expect(told).toMatch(/✖ --rows: .* has more than 256 MiB: line \d{6} is where a batch ends\./);
    expect(status).toBe(2);
  });
});

test.each([
  ['quotes and newlines in cells', 'name\n"Ada ""the first"""\n"Grace\nHopper"\n'],
  ['a byte-order mark, CRLF and an empty line at its end', '\uFEFFname\r\nZoë\r\nAda\r\n\r\n'],
])('a table with %s can be rendered', async (_, content) => {
  const { status, told } = await dryRun(content, 'csv', noKey);
  expect(told).toContain('✔ 2 rows, 2 to render, 0 problems');
  expect(status).toBe(0);
});

test('a table of more bytes than one request takes is uploaded in parts', async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => `n${i},${'x'.repeat(1000)}`).join('\n');
  const { status, told } = await dryRun(`name,more\n${rows}\n`);
  expect(told).toContain('✔ 20000 rows, 20000 to render, 0 problems');
  expect(status).toBe(0);
});

describe('a template that cannot be filled', () => {
  test.each([
    [
      'a mistake in an expression',
      { ...noKey, jobId: '{% $row. %}' },
      /InvalidBatchRequest\n {2}request\.jobId: is no JSONata expression/,
    ],
    [
      'an expression in a longer text',
      { ...noKey, jobId: 'job-{% $row.name %}' },
      /InvalidBatchRequest\n {2}request\.jobId: has an expression in a longer text/,
    ],
    [
      'an expression that gives nothing',
      { ...noKey, jobId: '{% $nobody.name %}' },
      /row 1: jobId: .* gives nothing/,
    ],
    [
      'a field that no request has',
      { ...noKey, destinaton: {} },
      /row 1: destinaton: not a field of a request/,
    ],
    [
      'a codec that there is not',
      { render: { ...render, codec: 'h266' } },
      /row 1: render\.codec: given "h266"/,
    ],
    [
      'a bucket that the stack may not write',
      { ...noKey, destination: { bucket: 'elsewhere' } },
      /row 1: destination\.bucket: given "elsewhere"; accepted: /,
    ],
  ])('%s', async (_, request, message) => {
    const { status, told } = await dryRun('name\nAda\n', 'csv', request);
    expect(told).toMatch(message);
    expect(status).toBe(1);
  });
});

describe('the input of an execution that was started by hand', () => {
  const { on } = command;
  const run = async (input: unknown) => {
    const { executionArn = '' } = await on.sfn.send(
      new StartExecutionCommand({
        stateMachineArn: on.machine.stack.outputs.BatchStateMachineArn,
        input: JSON.stringify(input),
      }),
    );
    const { error, cause = '{}' } = await followExecution(on.sfn, executionArn, () => {});
    return `${error}: ${JSON.parse(cause).errorMessage}`;
  };
  const items = () => `s3://${on.machine.remotionBucketName}/batch-items/table.csv`;
  beforeAll(async () => {
    const object = { Bucket: on.machine.remotionBucketName, Key: 'batch-items/table.csv' };
    await on.s3.send(new PutObjectCommand({ ...object, Body: 'name\nAda\n' }));
  });

  test.each<[string, (items: string) => unknown, RegExp]>([
    ['nothing', () => ({}), /items: given nothing; accepted: s3:/],
    ['a list', () => [1], /request: given an array; accepted: an object with items/],
    ['an address that is none', () => ({ items: 'table.csv' }), /items: given "table\.csv"; accepted: s3:/],
    [
      'another bucket',
      () => ({ items: 's3://elsewhere/batch-items/table.csv' }),
      /items: given s3:\/\/elsewhere/,
    ],
    [
      'another folder',
      (items) => ({ items: items.replace('batch-items', 'sites') }),
      /items: given "s3:.*accepted: s3:\/\/<Remotion bucket>\/batch-items\/<name>/,
    ],
    [
      'another format',
      (items) => ({ items: items.replace('csv', 'xlsx') }),
      /items: given "s3:.*\.csv, \.jsonl or \.json/,
    ],
    [
      'no renders at once',
      (items) => ({ items, maxConcurrentRenders: 0 }),
      /maxConcurrentRenders: given 0; accepted: a whole number from 1 to 1000/,
    ],
    [
      'a negative budget',
      (items) => ({ items, maxCostInUsd: -1 }),
      /maxCostInUsd: given -1; accepted: a number of USD greater than 0/,
    ],
    [
      'more failures than rows',
      (items) => ({ items, toleratedFailurePercentage: 101 }),
      /toleratedFailurePercentage: given 101/,
    ],
    [
      'another way to stop',
      (items) => ({ items, stopping: 'now' }),
      /stopping: given "now"; accepted: finish-running or cancel-running/,
    ],
    ['half a row as a sample', (items) => ({ items, sample: 0.5 }), /sample: given 0\.5/],
    ['a batch that is no name', (items) => ({ items, batchId: 'a/b' }), /batchId: given "a\/b"/],
    [
      'a field that there is not',
      (items) => ({ items, maxConcurent: 5 }),
      /maxConcurent: not a field of a request; accepted: an object with items/,
    ],
    ['a template that is a list', (items) => ({ items, request: [] }), /request: given an array/],
  ])('with %s is refused, with the field', async (_, input, message) => {
    const told = await run(input(items()));
    expect(told).toMatch(/^InvalidBatchRequest: /);
    expect(told).toMatch(message);
  });

  test('with a table that is not there is refused by name', async () => {
    expect(await run({ items: items().replace('table', 'none') })).toMatch(
      /^InvalidTable: There is no table at s3:/,
    );
  });

  test('with rows that are no requests is refused by name, row and field', async () => {
    expect(await run({ items: items() })).toMatch(/^InvalidRows: [\s\S]*row 1: render: given nothing/);
  });
});
