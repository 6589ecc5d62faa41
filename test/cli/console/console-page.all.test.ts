import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Page } from 'playwright-core';
import { axe, complaints, tooWide } from './look-at-page.ts';
import { listed, pageHarness } from './page-harness.ts';
import { arnOf, refusal, startTestConsole } from './test-console.ts';

const on = pageHarness();
const { open } = on;

describe('the list', () => {
  test('says that there is nothing yet, and shows by itself what is started', async () => {
    const page = await open();
    await page.getByRole('heading', { name: 'No renders yet' }).waitFor();
    on.executions = listed(1);
    await page.getByRole('link', { name: 'order-1' }).waitFor();
  });

  test('says which permission is missing', async () => {
    on.console.sfn.on(ListExecutionsCommand).rejects(refusal('states:ListExecutions'));
    const page = await open();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('Let the role that this shell uses do states:ListExecutions');
  });

  test('is filtered by status and by text, and says when nothing is left', async () => {
    on.executions = listed(20);
    const page = await open();
    const rows = page.locator('.row:not(.head)');
    await page.getByText('RenderFailed').first().waitFor();
    await page.getByRole('button', { name: /^Failed/ }).click();
    expect(await rows.count()).toBe(4);
    await page.getByRole('searchbox').fill('order-18');
    expect(await rows.count()).toBe(1);
    await page.getByRole('searchbox').fill('nothing of that kind');
    await page.getByRole('heading', { name: 'None of these' }).waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await rows.count()).toBe(20);
  });

  test('has a thousand executions, to scroll and to filter', async () => {
    on.executions = listed(1000);
    const page = await open('', { viewport: { width: 1440, height: 900 } });
    await page.getByRole('link', { name: 'order-1000', exact: true }).waitFor();
    const height = () => page.evaluate('document.documentElement.scrollHeight').then(Number);
    const before = await height();
    const last = page.getByRole('link', { name: 'order-1', exact: true });
    while ((await last.count()) === 0) {
      await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
      await page.waitForTimeout(50);
    }
    expect(await page.locator('.row:not(.head)').count()).toBe(1000);
    // The scroll bar has told from the beginning how many there are.
    expect((await height()) / before).toBeCloseTo(1, 0);
    await page.getByRole('searchbox').fill('order-77');
    await page.getByText('11 executions').waitFor();
    expect(await page.locator('.row:not(.head)').count()).toBe(11);
  });
});

test('a lost connection is said, and after the return the page shows what was missed', async () => {
  on.executions = listed(1);
  const page = await open();
  await page.getByRole('link', { name: 'order-1' }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  const listenAgain = await on.console.stopListening();
  await page.getByText('Connection lost, trying again').waitFor();
  on.executions = listed(3);
  await listenAgain();
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'order-3' }).waitFor();
});

test('names from outside never become HTML', async () => {
  const name = '<img src=x onerror=alert(1)>';
  on.executions = [{ name: 'x', status: 'FAILED', startDate: new Date() }];
  const request = { jobId: name, render: { composition: name, codec: name, inputProps: { [name]: name } } };
  on.console.sfn.on(DescribeExecutionCommand).resolves({
    name: 'x',
    executionArn: arnOf('x'),
    status: 'FAILED',
    startDate: new Date(),
    stopDate: new Date(),
    input: JSON.stringify(request),
    error: name,
    cause: JSON.stringify({ message: name, remedy: name, logsUrl: 'javascript:alert(1)' }),
  });
  const page = await open();
  await page.getByRole('link', { name }).click();
  await page.getByRole('heading', { name }).first().waitFor();
  expect(await page.locator('img[src=x]').count()).toBe(0);
  expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
});

test('what was delivered beside the video can be had, and a video that cannot be read is explained', async () => {
  const artifacts = [{ filename: 'captions.srt', key: 'videos/x/captions.srt', sizeInBytes: 1234 }];
  const output = {
    bucket: 'our-videos',
    key: 'videos/x.mp4',
    sizeInBytes: 5,
    artifacts,
    artifactsNotListed: 2,
  };
  on.executions = [{ name: 'x', status: 'SUCCEEDED', startDate: new Date(), output }];
  on.console.s3
    .on(HeadObjectCommand)
    .rejects(Object.assign(new Error('Forbidden'), { $metadata: { httpStatusCode: 403 } }));
  const page = await open('#/renders/x');
  const link = page.getByRole('link', { name: 'captions.srt' });
  await link.waitFor();
  expect(await link.getAttribute('download')).toBe('captions.srt');
  await page.getByText('and 2 more').waitFor();
  await page.getByText('Let it do s3:GetObject on arn:aws:s3:::our-videos/*').waitFor();
});

test('the key in the link is taken out of it, and further tabs have it too', async () => {
  const closed = await startTestConsole({ endpoint: 'http://127.0.0.1:9' });
  closed.sfn.on(DescribeStateMachineCommand).rejects(new Error('not asked here'));
  const context = await on.browser.newContext();
  const page = await context.newPage();
  await page.goto(`${closed.origin}/_console/`);
  await page.getByText('Open the page with the link that the terminal shows').waitFor();
  await page.goto('about:blank');
  await page.goto(`${closed.origin}/_console/#key=${closed.token}`);
  await page.getByText('on this machine').waitFor();
  expect(page.url()).not.toContain(closed.token);
  const tab = await context.newPage();
  await tab.goto(`${closed.origin}/_console/#/start`);
  await tab.getByRole('heading', { name: 'Start a render' }).waitFor();
  await context.close();
  await closed.stop();
});

test('who wants less motion gets none', async () => {
  on.executions = [{ name: 'order-1', status: 'RUNNING', startDate: new Date() }];
  for (const [reducedMotion, name] of [
    ['reduce', 'none'],
    ['no-preference', 'breathe'],
  ] as const) {
    const page = await open('', { reducedMotion });
    await page.locator('.row .status.running .icon').waitFor();
    const animation = "getComputedStyle(document.querySelector('.row .status.running .icon')).animationName";
    expect(await page.evaluate(animation)).toBe(name);
  }
});

describe('a page of another origin', () => {
  let evil: Server;
  let page: Page;
  beforeEach(async () => {
    evil = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>evil</title>');
    });
    await new Promise<void>((listening) => evil.listen(0, '127.0.0.1', listening));
    page = await on.browser.newPage();
    await page.goto(`http://127.0.0.1:${(evil.address() as AddressInfo).port}/`);
  });
  afterEach(async () => {
    await page.close();
    evil.closeAllConnections();
    evil.close();
  });

  test('cannot start a render, with or without the key', async () => {
    const request = JSON.stringify({ render: { composition: 'Invoice', codec: 'h264' } });
    await page.evaluate(`(async () => {
      const body = ${JSON.stringify(request)};
      const to = '${on.console.origin}/_console/api/renders';
      await fetch(to, { method: 'POST', body, mode: 'no-cors' }).catch(() => {});
      await fetch(to, { method: 'POST', body, headers: { 'x-console-token': '${on.console.token}' } }).catch(() => {});
      navigator.sendBeacon(to, body);
    })()`);
    await page.waitForTimeout(300);
    expect(on.console.sfn.commandCalls(StartExecutionCommand)).toHaveLength(0);
  });

  test('cannot read the page, its key or its live connection', async () => {
    const answers = await page.evaluate(`(async () => {
      const page = '${on.console.origin}/_console/';
      const read = await fetch(page).then((answer) => answer.text(), () => 'refused');
      const told = await fetch(page + 'api/workflow').then((answer) => answer.text(), () => 'refused');
      const live = await new Promise((done) => {
        const source = new EventSource(page + 'api/live?renders=1');
        source.onerror = () => done('refused');
        source.onmessage = () => done('read');
      });
      return [read, told, live];
    })()`);
    expect(answers).toEqual(['refused', 'refused', 'refused']);
  });

  test('cannot show it in a frame', async () => {
    await page.evaluate(`(async () => {
      const frame = document.createElement('iframe');
      frame.src = '${on.console.origin}/_console/';
      document.body.append(frame);
      await new Promise((loaded) => frame.addEventListener('load', loaded));
    })()`);
    for (const frame of page.frames()) expect(await frame.locator('#page').count()).toBe(0);
  });
});

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each([
    ['the list', ''],
    ['a failed render', '#/renders/order-3'],
    ['a running render', '#/renders/order-1'],
    ['a render that is not there', '#/renders/nothing'],
    ['the form', '#/start'],
  ])('axe finds nothing in %s, nor is anything wider than 360 px', async (_what, path) => {
    on.executions = listed(5);
    const page = await open(path, {
      colorScheme,
      viewport: { width: 360, height: 780 },
      reducedMotion: 'reduce',
    });
    const complained = complaints(page);
    await page.waitForTimeout(1500);
    expect(await axe(page)).toEqual([]);
    expect(await tooWide(page)).toEqual([]);
    expect(complained).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
    expect(await axe(page)).toEqual([]);
  });
});

describe('the form', () => {
  test('names every wrong field beside it before anything is sent, and then starts', async () => {
    on.console.sfn.on(StartExecutionCommand).resolves({ executionArn: arnOf('started') });
    const page = await open('#/start');
    await page.getByLabel('composition').fill('');
    await page.getByLabel('maxCostInUsd').fill('free');
    await page.getByLabel('jobId', { exact: true }).fill('no spaces');
    await page.getByText('3 fields are wrong').waitFor();
    expect(await page.locator('#field-maxCostInUsd-problem').textContent()).toContain(
      'a number of USD greater than 0',
    );
    expect(await page.locator('#field-render-composition-problem').textContent()).toContain(
      'the id of a composition',
    );
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.locator('#field-jobId:focus').waitFor();
    expect(on.console.sfn.commandCalls(StartExecutionCommand)).toHaveLength(0);

    await page.getByLabel('Begin with').selectOption({ index: 0 });
    await page.getByText('The workflow takes this request.').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.waitForURL(/#\/renders\/started$/);
    const [call] = on.console.sfn.commandCalls(StartExecutionCommand);
    expect(JSON.parse(call?.args[0].input.input ?? '')).toMatchObject({
      render: { composition: 'HelloWorld' },
    });
  });

  test('takes the request as JSON too, and says when it is none', async () => {
    const page = await open('#/start');
    await page.getByRole('button', { name: 'JSON' }).click();
    const text = page.getByLabel('The request, as JSON');
    await text.fill('{ "render": ');
    await page.getByText('This is not JSON.').waitFor();
    await text.fill('{ "render": { "composition": "A", "codec": "h264" } }');
    await page.getByText('The workflow takes this request.').waitFor();
    await page.getByRole('button', { name: 'Form' }).click();
    expect(await page.getByLabel('composition').inputValue()).toBe('A');
  });

  test('is filled with the request of a render that is to be made again', async () => {
    on.executions = listed(1);
    const page = await open('#/start?again=order-1');
    await page.getByText('joins the render that the job has').waitFor();
    expect(await page.getByLabel('composition').inputValue()).toBe('Invoice');
    await page.getByRole('button', { name: 'Give it a new jobId' }).click();
    expect(await page.getByLabel('jobId', { exact: true }).inputValue()).toMatch(/^order-1-/);
  });
});
