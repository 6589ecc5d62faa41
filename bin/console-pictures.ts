import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createRenderClients } from '../cli/render-clients.ts';
import { startByRequest } from '../cli/start-execution.ts';
import { launchWithConsole } from '../proof/console/launch-with-console.ts';
import { openBrowser } from '../proof/console/open-browser.ts';

/** Makes docs/console-*.png: the views of the page, with renders of this machine. */
const FOLDER = join(import.meta.dirname, '..', 'docs');
const SMALL = { framesPerLambda: 30, scale: 0.25 };

const browser = await openBrowser();
// The second lets one render at a time, so that others wait.
let machine = await launchWithConsole({});
const page = await browser.newPage({ viewport: { width: 1360, height: 900 }, deviceScaleFactor: 1.5 });

/** Starts a render and opens it. */
async function render(jobId: string, inputProps: object, more: object): Promise<void> {
  const { sfn } = createRenderClients(machine.clientConfig);
  const options = { composition: 'HelloWorld', codec: 'h264', inputProps, ...more };
  const arn = await startByRequest(sfn, machine.stack.outputs.StateMachineArn ?? '', {
    jobId,
    render: options,
  });
  await page.goto(`${machine.consoleUrl}/#/renders/${arn.split(':').at(-1)}`);
  await page.locator('.headline h1', { hasText: jobId }).waitFor();
}

/** Starts a batch of eight rows, of which the second fails, and opens it. */
async function batch(batchId: string): Promise<void> {
  const { sfn, s3 } = createRenderClients(machine.clientConfig);
  const Bucket = machine.remotionBucketName;
  const Key = `batch-items/${batchId}.jsonl`;
  const Body = Array.from({ length: 8 }, (_, row) => JSON.stringify({ fail: row === 1 })).join('\n');
  await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const inputProps = {
    title: "{% 'Student ' & $rowNumber %}",
    durationInSeconds: 1,
    failAtFrame: '{% $row.fail ? 12 : null %}',
  };
  const input = {
    batchId,
    items: `s3://${Bucket}/${Key}`,
    request: { render: { composition: 'HelloWorld', codec: 'h264', inputProps, ...SMALL } },
    maxConcurrentRenders: 5,
    maxCostInUsd: 1,
  };
  const arn = await startByRequest(sfn, machine.stack.outputs.BatchStateMachineArn ?? '', input);
  await page.goto(`${machine.consoleUrl}/#/batches/${arn.split(':').at(-1)}`);
}

const reached = (word: string) =>
  page.locator('.headline .status', { hasText: word }).waitFor({ timeout: 120_000 });

/** @param from What is to be at its top. Default: the page as it is. */
async function picture(
  name: string,
  colorScheme: 'light' | 'dark',
  height = 900,
  from?: string,
): Promise<void> {
  await page.setViewportSize({ width: 1360, height });
  if (from) await page.evaluate(`document.querySelector('${from}').scrollIntoView()`);
  await page.emulateMedia({ colorScheme });
  // What has a transition comes to rest, and the video shows its frame.
  await sleep(800);
  const file = `console-${name}.png`;
  await page.screenshot({ path: join(FOLDER, file) });
  console.log(`docs/${file}`);
}

try {
  await render('welcome-2026', { durationInSeconds: 1 }, SMALL);
  await reached('Delivered');
  await render('order-4709', {}, { codec: 'h266' });
  await reached('Failed');

  await render('order-4710', { failAtFrame: 12 }, { framesPerLambda: 60 });
  await reached('Failed');
  await picture('failed', 'light', 1010);

  await page.goto(`${machine.consoleUrl}/#/calls`);
  await page.getByLabel('Fault').selectOption({ label: 'internal error (500)' });
  await page.getByRole('button', { name: 'Switch on' }).click();
  await page.getByText('waits for').waitFor();
  await render('order-4711', { title: 'Hello, Step Functions' }, { framesPerLambda: 60 });
  await reached('Delivered');
  await page.evaluate("document.querySelector('video').currentTime = 2");
  // The browser shows for a while that it loads.
  await sleep(3000);
  await picture('render', 'light', 1010);
  await picture('render-dark', 'dark', 1010);
  await page
    .getByRole('button', { name: /^StartRender/ })
    .first()
    .click();
  await page.locator('.visit .attempts').waitFor();
  await picture('retry', 'light', 860, '.workflow');
  await page.getByRole('combobox', { name: /^Role/ }).selectOption('CopyToBucket');
  await page.locator('.calls summary').nth(1).click();
  await picture('calls', 'light', 640, '.box:has(#calls-title)');

  await page.goto(`${machine.consoleUrl}/#/start`);
  await page.getByLabel('composition').fill('');
  await page.getByLabel('jobId', { exact: true }).fill('order 4713');
  await page.getByText('2 fields are wrong').waitFor();
  await picture('start', 'light', 900);

  await render('order-4712', { title: 'Order 4712', durationInSeconds: 8 }, { framesPerLambda: 120 });
  await page.getByText('rendering frames').waitFor({ timeout: 60_000 });
  await page.locator('.percent', { hasText: /[2-9]\d %/ }).waitFor({ timeout: 60_000 });
  await picture('running', 'dark', 900);
  await machine.stop();

  machine = await launchWithConsole({ context: { maxConcurrentRenders: '1' } });
  await batch('spring-term');
  await page.locator('.failed-rows').waitFor({ timeout: 120_000 });
  await page.locator('.row', { hasText: 'Delivered' }).nth(1).waitFor({ timeout: 120_000 });
  await picture('batch', 'light', 1010);
  await picture('batch-graph', 'dark', 860, '.workflow');
  await render('order-4713', {}, { codec: 'h266' });
  await reached('Failed');
  await page.goto(machine.consoleUrl);
  await page.locator('.row', { hasText: 'waiting, 2nd' }).waitFor({ timeout: 60_000 });
  await picture('list', 'light', 780);
} finally {
  await browser.close();
  await machine.stop();
}
// The render that runs would be tried on for minutes.
process.exit();
