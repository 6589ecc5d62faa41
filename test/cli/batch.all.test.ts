import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { smallRender } from '../end-to-end/test-machine.ts';
import { commandOnMachine } from './command-on-machine.ts';

const command = commandOnMachine();
const { run, requestFile } = command;

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
  expect(stopped.stderr).toMatch(/✔ Stopped stopped-[0-9a-f]{8}; its renders are being cancelled/);
  // Waits for the results.
  expect((await run('batch', 'status', executionArn)).stderr).toContain('2 unfinished');
  const retried = await run('batch', 'retry', executionArn, '--json');
  expect(retried).toMatchObject({ status: 0, stdout: expect.stringContaining('SUCCEEDED') });
  expect(JSON.parse(retried.stdout).summary).toMatchObject({ succeeded: 2, unfinished: 0 });
});
