import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Browser, Page } from 'playwright-core';
import { nameOf } from '../../../cli/find-state-machine.ts';
import { createRenderClients } from '../../../cli/render-clients.ts';
import { startByRequest } from '../../../cli/start-execution.ts';
import { launchWithConsole } from '../../../proof/console/launch-with-console.ts';
import { openBrowser } from '../../../proof/console/open-browser.ts';
import { axe, complaints } from './look-at-page.ts';

let machine: Awaited<ReturnType<typeof launchWithConsole>>;
let browser: Browser;
let page: Page;
let complained: string[];

beforeAll(async () => {
  // One at once, so that the others wait for their turn.
  const launched = launchWithConsole({ context: { maxConcurrentRenders: '1' } });
  [machine, browser] = await Promise.all([launched, openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await machine?.stop();
});
beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
  complained = complaints(page);
});
afterEach(() => page.close());

/** Starts a batch of a table. Returns the name of its execution. */
async function start(batchId: string, table: string, inputProps: object): Promise<string> {
  const { sfn, s3 } = createRenderClients(machine.clientConfig);
  const Bucket = machine.remotionBucketName;
  const Key = `batch-items/${batchId}.csv`;
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: table }));
  const render = { composition: 'HelloWorld', codec: 'h264', framesPerLambda: 30, scale: 0.25, inputProps };
  const input = { batchId, items: `s3://${Bucket}/${Key}`, request: { render } };
  return nameOf(await startByRequest(sfn, machine.stack.outputs.BatchStateMachineArn ?? '', input));
}

const go = (path: string) => page.goto(`${machine.consoleUrl}/#/${path}`);
const hasStatus = (word: string) =>
  page.locator('.headline .status', { hasText: word }).waitFor({ timeout: 120_000 });

test('a batch is watched: who waits and where, what has failed and why, its renders, its results', async () => {
  const failAtFrame = "{% $row.fail = 'yes' ? 5 : null %}";
  const table = 'name,fail\nAda,no\nGrace,yes\nEdsger,no\n';
  await start('spring', table, { durationInSeconds: 1, title: '{% $row.name %}', failAtFrame });

  await page.goto(machine.consoleUrl);
  await page.locator('.row', { hasText: 'waiting, 1st of 2' }).waitFor();
  await page.locator('.row', { hasText: 'waiting, 2nd of 2' }).waitFor();
  await page.getByRole('button', { name: /^Waiting/ }).click();
  const rows = page.locator('.row:not(.head)');
  expect(await rows.allTextContents()).toEqual([
    expect.stringContaining('waiting, 1st of 2'),
    expect.stringContaining('waiting, 2nd of 2'),
  ]);
  await rows.nth(1).getByRole('link').click();
  await page.getByText('Waiting for its turn, 2nd of 2').waitFor();
  await page.locator('.headline .status', { hasText: 'Waiting' }).waitFor();
  await page.getByRole('button', { name: 'AwaitTurn, waiting', exact: true }).waitFor();
  await page.getByRole('link', { name: /^row \d of the batch spring$/ }).click();
  await page.getByRole('button', { name: /^Batches/ }).click();
  await page
    .locator('.row', { hasText: '3 rows' })
    .getByText(/^0 done, \d running/)
    .waitFor();
  await page.getByRole('link', { name: 'spring', exact: true }).click();

  await page.getByText('of 3 rows have ended').waitFor();
  await page.getByText(/^\d, \d of them waiting for their turn$/).waitFor();
  await page.getByRole('button', { name: 'RenderRows, running', exact: true }).waitFor();
  await page.getByRole('button', { name: 'RenderRow, in the executions of RenderRows' }).waitFor();
  await hasStatus('Failed');
  const outcome = page.getByRole('region', { name: 'How far the batch is' });
  await outcome.getByText('1 of 3 rows have failed.').waitFor();
  expect(await outcome.textContent()).toContain('What to do: Read results.jsonl');
  const failed = page.getByRole('region', { name: 'Rows that have failed' });
  await failed.getByText('HelloWorld fails at frame 5').waitFor();
  expect(await failed.textContent()).toMatch(/Row 2 spring-2 RenderFailed.*What to do: Read the message/s);
  await page
    .getByRole('table', { name: 'Renders of the batch, newest first' })
    .getByText('Delivered')
    .first()
    .waitFor();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await axe(page)).toEqual([]);
  }
  const results = await page.request.get(
    new URL(
      (await outcome.getByRole('link', { name: 'results.csv' }).getAttribute('href')) ?? '',
      `${machine.consoleUrl}/`,
    ).href,
  );
  expect(await results.text()).toMatch(/^row,jobId,status.*\r\n1,spring-1,succeeded/);

  await page.getByRole('button', { name: 'Render what is missing' }).click();
  await page.getByRole('dialog').getByText('The same execution is redriven').waitFor();
  await page.getByRole('button', { name: 'Render it' }).click();
  await hasStatus('Running');
  await page.getByText(/redriven at/).waitFor();
  await hasStatus('Failed');
  await failed.getByRole('link', { name: 'spring-2' }).click();
  await page.getByRole('heading', { name: 'RenderFailed' }).waitFor();
  expect(complained).toEqual([]);
});

test('a batch is stopped: first only what has not begun, then with its renders', async () => {
  const table = 'name\nAda\nGrace\nEdsger\n';
  const slow = { durationInSeconds: 4, delayPerFrameInMilliseconds: 300 };
  await go(`batches/${await start('stopped', table, slow)}`);
  const own = page.getByRole('table', { name: 'Renders of the batch, newest first' });
  await own.locator('.status', { hasText: 'Running' }).first().waitFor();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.textContent()).toContain('the renders of its rows are cancelled');
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Let running rows finish' }).click();
  await page.getByText('No more rows are started;').waitFor();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await dialog.getByRole('button', { name: 'Stop it with its renders' }).click();
  await hasStatus('Stopped');
  await page.getByRole('heading', { name: 'BatchStopped' }).waitFor();
  await own.locator('.status', { hasText: 'Stopped' }).first().waitFor();
  expect(complained).toEqual([]);
});

test('a table with wrong rows says which, before anything is rendered', async () => {
  await go(`batches/${await start('wrong', 'name\nAda\n', { title: '{% $row.nothing %}' })}`);
  await hasStatus('Failed');
  await page.getByRole('heading', { name: 'InvalidTable' }).waitFor();
  await page
    .getByText(/nothing/)
    .first()
    .waitFor();
  expect(await page.getByRole('button', { name: 'Render what is missing' }).count()).toBe(0);
});
