import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { smallRender } from '../end-to-end/test-machine.ts';
import { finish } from '../finish.ts';
import { COMMAND, commandOnMachine, shows } from './command-on-machine.ts';

const command = commandOnMachine();
const { run, start, requestFile } = command;

function table(name: string, text: string): string {
  const file = join(command.folder, name);
  writeFileSync(file, text);
  return file;
}

const template = {
  render: { ...smallRender, inputProps: { durationInSeconds: 1, title: '{% $row.name %}' } },
  destination: { key: "{% 'people/' & $row.name & '.mp4' %}" },
};

test('batch renders a table with the real Remotion, shows how far it is, and fetches the videos; again, nothing is rendered twice', async () => {
  const rows = table('people.csv', 'name\nAda\n"Hopper, Grace"\n');
  const request = requestFile('template', template);
  const folder = join(command.folder, 'videos');
  const args = ['batch', '--rows', rows, '--request', request, '--max-concurrent', '2', '--json'];
  const { status, stdout, stderr } = await run(...args, '--download', folder);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stderr).toMatch(/\d\/2 rows {2}\d running, \d waiting, 0 failed/);
  expect(stderr).toMatch(/✔ 2 of 2 rows have their video, 0 failed, 0 unfinished, about \$[\d.]+, in \d+ s/);
  expect(readdirSync(folder).sort()).toEqual(['1-Ada.mp4', '2-Hopper, Grace.mp4']);
  const { summary, executionArn } = JSON.parse(stdout);
  expect(summary).toMatchObject({ outcome: 'SUCCEEDED', rows: 2, succeeded: 2 });

  const [again, forecast, shown] = await Promise.all([
    run(...args),
    run(...args, '--dry-run', '--batch-id', 'other'),
    run('batch', 'status', executionArn, '--json'),
  ]);
  expect(JSON.parse(again.stdout).summary).toMatchObject({ succeeded: 2, costInUsd: summary.costInUsd });
  expect(JSON.parse(forecast.stdout)).toMatchObject({
    rowsToRender: 2,
    expectedCostInUsd: { knownRenders: 2 },
  });
  expect(shown).toMatchObject({ status: 0, stdout: expect.stringContaining('SUCCEEDED') });
});

test('batch --resume takes up the watch of a batch after its terminal is gone, and shows how one has ended', async () => {
  const rows = table('resumed.csv', 'name\nRadia\n');
  const files = ['--rows', rows, '--request', requestFile('resumed', template)];
  command.throttled = true;
  const child = start(['batch', ...files]);
  await shows(child, '0/1 rows');
  child.kill('SIGKILL');
  await once(child, 'close');
  // A dry run is no batch to watch.
  await run('batch', ...files, '--dry-run', '--batch-id', 'another');
  command.throttled = false;
  const folder = join(command.folder, 'resumed');
  const resumed = await run('batch', '--resume', '--json', '--download', folder);
  expect(resumed).toMatchObject({ status: 0 });
  expect(resumed.stderr).toMatch(/ℹ The batch resumed-[0-9a-f]{8}, started .*\n- .* 0\/1 rows/);
  expect(resumed.stderr).toContain('✔ 1 of 1 rows have their video');
  expect(readdirSync(folder)).toEqual(['1-Radia.mp4']);
  const { batchId, executionArn, summary } = JSON.parse(resumed.stdout);
  expect(summary).toMatchObject({ batchId, executionArn, succeeded: 1 });

  const [byId, byFiles, byName, unknown] = await Promise.all([
    run('batch', '--resume', batchId, '--json'),
    run('batch', '--resume', '--json', ...files),
    run('batch', '--resume', executionArn.split(':').at(-1), '--json'),
    run('batch', '--resume', 'unknown'),
  ]);
  for (const again of [byId, byFiles, byName])
    expect(again).toMatchObject({ status: 0, stdout: resumed.stdout });
  expect(unknown).toMatchObject({ status: 1, stderr: expect.stringContaining('Execution Does Not Exist') });
});

describe('Ctrl-C while rows wait for capacity', () => {
  beforeAll(() => {
    command.throttled = true;
  });
  afterAll(() => {
    command.throttled = false;
  });

  const files = (name: string) => [
    '--rows',
    table(`${name}.csv`, 'name\nAlan\n'),
    '--request',
    requestFile(name, template),
  ];
  const statusOf = async (executionArn: string) =>
    (await command.on.sfn.send(new DescribeExecutionCommand({ executionArn }))).status;

  test('without a terminal leaves the batch running and says how to resume and to stop it', async () => {
    const child = start(['batch', ...files('interrupted'), '--json']);
    const finished = finish(child);
    await shows(child, 'Started the batch');
    child.kill('SIGINT');
    const { status, stdout, stderr } = await finished;
    expect(status).toBe(130);
    const { executionArn, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ status: 'RUNNING' });
    expect(stderr).toMatch(/npx remotion-step-functions batch --resume interrupted-[0-9a-f]{8}\n/);
    const [, batchId = ''] = /batch stop (\S+)/.exec(stderr) ?? [];
    expect(await statusOf(executionArn)).toBe('RUNNING');
    const stopped = await run('batch', 'stop', batchId, '--json');
    expect(JSON.parse(stopped.stdout)).toEqual({ executionArn, batchId, status: 'ABORTED' });
    expect(await statusOf(executionArn)).toBe('ABORTED');
  });

  // util-linux's script gives the command a terminal; that of other systems has other options.
  (process.platform === 'linux' ? test : test.skip).each([
    ['n', 'The batch goes on by itself.', 'RUNNING'],
    ['y', 'its renders are being cancelled', 'ABORTED'],
  ])(
    'in a terminal asks whether to stop the batch as well, and does what is answered: %s',
    async (answer, expected, status) => {
      const name = `asked-${status}`;
      const args = files(name).map((arg) => `"${arg}"`);
      const line = `stty cols 80; "${process.execPath}" "${COMMAND}" batch ${args.join(' ')}`;
      const child = spawn('script', ['-qfec', line, '/dev/null'], { env: command.environment() });
      const finished = finish(child);
      await shows(child, 'Checking the rows');
      child.stdin.write('\x03');
      await shows(child, 'with all its renders as well? [y/N]');
      child.stdin.write(`${answer}\r`);
      const { stdout, status: exitStatus } = await finished;
      expect(exitStatus).toBe(130);
      expect(stdout).toContain(expected);
      const [, batchId = ''] = new RegExp(`(${name}-[0-9a-f]{8}) with all`).exec(stdout) ?? [];
      expect(JSON.parse((await run('batch', 'stop', batchId, '--json')).stdout)).toMatchObject({
        batchId,
        status: 'ABORTED',
      });
    },
  );
});

(process.platform === 'linux' ? test : test.skip)(
  'batch --sample renders some rows, says what to expect of the others, and asks a terminal whether to render them',
  async () => {
    const rows = table('sampled.csv', 'name\nMary\nAnnie\n');
    const args = `batch --rows "${rows}" --request "${requestFile('sampled', template)}" --sample 1`;
    const piped = await run(...args.replaceAll('"', '').split(' '), '--json');
    expect(piped).toMatchObject({ status: 0 });
    expect(JSON.parse(piped.stdout)).toMatchObject({ rows: 2, rowsToRender: 1, expectedCostInUsd: {} });
    expect(piped.stderr).toContain('1 of 1 rows have their video');
    expect(piped.stderr).toContain('The same command without --sample renders the other rows.');

    const line = `stty cols 200; "${process.execPath}" "${COMMAND}" ${args}`;
    const child = spawn('script', ['-qfec', line, '/dev/null'], { env: command.environment() });
    const finished = finish(child);
    await shows(child, 'Render the other 1 rows? [y/N]');
    child.stdin.write('y\r');
    const { stdout, status } = await finished;
    expect({ status, stdout }).toMatchObject({ status: 0 });
    expect(stdout).toContain('2 of 2 rows have their video');
  },
);

test('batch stop --finish-running lets the rows that render finish, also when it comes before any does', async () => {
  const rows = table('finished.csv', 'name\nGrete\nJoan\n');
  const request = requestFile('finished', template);
  command.throttled = true;
  const args = ['--rows', rows, '--request', request, '--max-concurrent', '1', '--detach', '--json'];
  const { executionArn, batchId } = JSON.parse((await run('batch', ...args)).stdout);
  const stopped = await run('batch', 'stop', batchId, '--finish-running', '--json');
  command.throttled = false;
  expect(JSON.parse(stopped.stdout)).toEqual({ executionArn, batchId, status: 'RUNNING' });
  const ended = await run('batch', '--resume', batchId, '--json');
  expect(ended).toMatchObject({ status: 1, stderr: expect.stringContaining('✖ BatchStopped') });
  expect(JSON.parse(ended.stdout)).toMatchObject({
    error: 'BatchStopped',
    summary: { succeeded: 1, unfinished: 1 },
  });
});

test('batch tells all problems of all rows before anything is rendered', async () => {
  const rows = table('wrong.csv', 'name,codec\nAda,h264\nGrace,h266\n');
  const wrong = { ...template, render: { ...template.render, codec: '{% $row.codec %}' } };
  const request = requestFile('wrong', wrong);
  const [dry, real] = await Promise.all([
    run('batch', '--rows', rows, '--request', request, '--dry-run'),
    run('batch', '--rows', rows, '--request', request),
  ]);
  for (const { status, stderr } of [dry, real]) {
    expect(status).toBe(1);
    expect(stderr).toContain('row 2: render.codec: given "h266"; accepted: one of h264');
  }
  expect(real.stderr).toContain('✖ InvalidRows');
});

test('batch stop stops a batch, and batch retry renders what is missing', async () => {
  const rows = table('stopped.jsonl', '{"name":"Edsger"}\n{"name":"Barbara"}\n');
  const request = requestFile('stopped', template);
  const started = await run('batch', '--rows', rows, '--request', request, '--detach', '--json');
  const { executionArn } = JSON.parse(started.stdout);
  const stopped = await run('batch', 'stop', executionArn);
  const status = JSON.parse((await run('batch', 'status', '--json')).stdout);
  expect(status).toMatchObject({ executionArn, status: 'ABORTED', error: 'Stopped' });
  expect(stopped.stderr).toMatch(/✔ Stopped stopped-[0-9a-f]{8}; its renders are being cancelled/);
  // Waits for the results.
  expect((await run('batch', 'status', executionArn)).stderr).toContain('2 unfinished');
  const retried = await run('batch', 'retry', executionArn, '--json');
  expect(retried).toMatchObject({ status: 0, stdout: expect.stringContaining('SUCCEEDED') });
  expect(JSON.parse(retried.stdout).summary).toMatchObject({ succeeded: 2, unfinished: 0 });
});
