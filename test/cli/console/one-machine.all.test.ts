import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { createRenderClients } from '../../../cli/render-clients.ts';
import { startByRequest } from '../../../cli/start-execution.ts';
import { launchWithConsole } from '../../../proof/console/launch-with-console.ts';
import { openBrowser } from '../../../proof/console/open-browser.ts';
import { axe, complaints } from './look-at-page.ts';

const SMALL = { composition: 'HelloWorld', codec: 'h264', framesPerLambda: 30, scale: 0.25 };

let machine: Awaited<ReturnType<typeof launchWithConsole>>;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [machine, browser] = await Promise.all([launchWithConsole({}), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await machine?.stop();
});
afterEach(() => page?.close());

/** Starts a render and opens the page of it. */
async function watch(jobId: string, inputProps: object, more: object = {}): Promise<Page> {
  const { sfn } = createRenderClients(machine.clientConfig);
  const request = { jobId, render: { ...SMALL, inputProps, ...more } };
  const arn = await startByRequest(sfn, machine.stack.outputs.StateMachineArn ?? '', request);
  page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
  await page.goto(`${machine.consoleUrl}/#/renders/${arn.split(':').at(-1)}`);
  await page.getByRole('heading', { name: jobId, exact: true }).waitFor();
  return page;
}

const hasStatus = (word: string) =>
  page.locator('.headline .status', { hasText: word }).waitFor({ timeout: 50_000 });

async function axeInBoth(): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await axe(page)).map((line) => `${colorScheme}: ${line}`));
  }
  return found;
}

test('a failed render says why, what to do, where it failed, and which event told it', async () => {
  await watch('failing', { durationInSeconds: 1, failAtFrame: 5 });
  await hasStatus('Failed');
  const outcome = page.getByRole('region', { name: 'Why there is no video' });
  await outcome.getByRole('heading', { name: 'RenderFailed' }).waitFor();
  expect(await outcome.textContent()).toContain('What to do: Read the message and the logs');
  expect(await outcome.textContent()).toMatch(/HelloWorld fails at frame 5/);
  await page.getByRole('heading', { name: 'GetRenderProgress', exact: true }).waitFor();
  expect(await page.locator('.visit .attempts').textContent()).toContain('RenderFailed');
  await page.locator('.publication summary', { hasText: 'Render Failed' }).waitFor();
  expect(await page.getByRole('button', { name: 'CancelRender, done' }).count()).toBeGreaterThan(0);
  expect(await axeInBoth()).toEqual([]);
});

test('a render is stopped on its page, once it has been said what that means', async () => {
  await watch('stopped', { durationInSeconds: 4, delayPerFrameInMilliseconds: 400 });
  await page
    .getByRole('button', { name: /^GetRenderProgress, running/ })
    .first()
    .waitFor({ timeout: 40_000 });
  expect(await axeInBoth()).toEqual([]);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.textContent()).toContain('its work on Lambda is cancelled');
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Let it run' }).click();
  expect(await page.locator('.headline .status').textContent()).toContain('Running');
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await dialog.getByRole('button', { name: 'Stop it' }).click();
  await hasStatus('Stopped');
  await page.getByText('It was stopped, and its render is cancelled.').waitFor();
});

test('a fault is switched on, and the page shows what the workflow does about it', async () => {
  page = await browser.newPage();
  await page.goto(`${machine.consoleUrl}/#/calls`);
  await page.getByLabel('Fault').selectOption({ label: 'internal error (500)' });
  await page.getByLabel('in the').selectOption({ label: 'next invocation of StartRender' });
  await page.getByRole('button', { name: 'Switch on' }).click();
  await page.getByText('waits for the next invocation of StartRender').waitFor();
  await page.close();
  await watch('faulty', { durationInSeconds: 1 });
  await page.getByText('Happened to an invocation of StartRender.').waitFor();
  await hasStatus('Delivered');
  await page.getByRole('button', { name: 'StartRender, done, 1 retry' }).click();
  expect(await page.locator('.visit .attempts').textContent()).toContain('Lambda.ServiceException');
  expect(await page.locator('.visit .attempts').textContent()).toMatch(/tried again after/);
});

test('every call is told with the role that made it, the grant that allowed it, and why it has it', async () => {
  await watch('called', { durationInSeconds: 1 });
  const complained = complaints(page);
  await hasStatus('Delivered');
  await page.getByRole('combobox', { name: /^Role/ }).selectOption('CopyToBucket');
  const call = page.locator('.calls li', { hasText: 's3:PutObject' }).first();
  await call.locator('summary').click();
  await call.getByText('Why:').waitFor();
  expect(await call.textContent()).toMatch(/allowed.*CopyToBucket.*s3:PutObject/s);
  expect(await axeInBoth()).toEqual([]);
  expect(complained).toEqual([]);
});

test('the command and the curl that are copied start the same render', async () => {
  await watch('copied', {}, { codec: 'h266' });
  await hasStatus('Failed');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.locator('.menu summary').click();
  const run = async (what: string) => {
    const button = page.locator('.menu').getByRole('button', { name: what });
    await button.click();
    await button.getByText('copied').waitFor();
    const { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } =
      machine.clientConfig.credentials;
    const env = { ...process.env, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN: 'local' };
    const command = String(await page.evaluate('navigator.clipboard.readText()'));
    return promisify(execFile)('bash', ['-c', command], { env }).catch((error) => error);
  };
  expect(JSON.parse((await run('curl')).stdout)).toMatchObject({
    executionArn: expect.stringContaining(':execution:'),
  });
  expect(await run('Command')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('✖ InvalidRenderRequest'),
  });
});

test('with the keyboard alone: from the list into a render, through its states', async () => {
  await watch('keyboard', {}, { codec: 'h266' });
  await hasStatus('Failed');
  await page.goto(machine.consoleUrl);
  await page.getByRole('link', { name: 'keyboard' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'keyboard', exact: true }).waitFor();
  await page.getByRole('button', { name: 'ReadRequest, done' }).first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'ReadRequest', exact: true }).waitFor();
  await page.locator('.pass.chosen').focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('heading', { name: 'StartRender', exact: true }).waitFor();
});
