import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Page } from 'playwright-core';
import { batchHistory, failedBatchHistory, history, waitingHistory } from './histories.ts';
import { axe, complaints, tooWide } from './look-at-page.ts';
import { listed, type MockedExecution, pageHarness } from './page-harness.ts';
import { arnOf, BATCH_ARN, batchArnOf, refusal, startTestConsole } from './test-console.ts';

const on = pageHarness({ findBatchMachine: async () => BATCH_ARN });
const { open } = on;

const definition = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../statemachine', `${name}.asl.json`), 'utf8');
const DEFINITIONS = {
  'render-workflow': definition('render-workflow'),
  'render-batch': definition('render-batch'),
};
const startDate = new Date(Date.now() - 90_000);
const failed: MockedExecution = { name: 'order-1', status: 'FAILED', startDate, redriveStatus: 'REDRIVABLE' };
const running: MockedExecution = { name: 'order-2', status: 'RUNNING', startDate };
const batch: MockedExecution = {
  name: 'spring-1',
  status: 'RUNNING',
  startDate,
  input: { batchId: 'spring', items: 's3://b/batch-items/x.csv', maxCostInUsd: 5 },
  history: batchHistory(),
};
const failedBatch: MockedExecution = {
  ...batch,
  status: 'FAILED',
  error: 'RowsFailed',
  redriveStatus: 'REDRIVABLE',
  history: failedBatchHistory(),
};
const dryRun: MockedExecution = {
  ...batch,
  status: 'SUCCEEDED',
  input: { batchId: 'spring', dryRun: true },
  output: {
    rows: 3,
    rowsToRender: 2,
    problems: 12,
    firstProblems: [{ row: 2, field: 'render.codec', problem: 'given "h266"' }],
    expectedCostInUsd: { low: 0.1, high: 0.2, knownRenders: 20 },
  },
  history: [],
};
const row = (page: Page, text: string) => page.locator('.row:not(.head)', { hasText: text });

beforeEach(() => {
  on.console.sfn.on(ListMapRunsCommand).resolves({ mapRuns: [] });
});

test('a failed execution is redriven, once it has been said what that means', async () => {
  on.executions = [failed];
  const page = await open('#/renders/order-1');
  await page.getByRole('button', { name: 'Redrive' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.textContent()).toContain('goes on from the state in which it ended');
  await dialog.getByRole('button', { name: 'Leave it' }).click();
  expect(on.console.sfn.commandCalls(RedriveExecutionCommand)).toHaveLength(0);
  await page.getByRole('button', { name: 'Redrive' }).click();
  await dialog.getByRole('button', { name: 'Redrive it' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.waitForTimeout(200);
  const executionArn = arnOf('order-1');
  expect(on.console.sfn.commandCalls(RedriveExecutionCommand, { executionArn })).toHaveLength(1);
});

test('an execution that cannot be redriven has no such button', async () => {
  const { redriveStatus: _, ...notRedrivable } = failed;
  on.executions = [notRedrivable];
  const page = await open('#/renders/order-1');
  await page.getByRole('link', { name: 'Render again' }).waitFor();
  expect(await page.getByRole('button', { name: 'Redrive' }).count()).toBe(0);
});

test('the request, the ARN, the command and curl are copied, and it is said so', async () => {
  const request = { jobId: "it's", render: { composition: 'Invoice', codec: 'h264' } };
  on.executions = [{ ...failed, input: request }];
  on.batches = [batch];
  const permissions = ['clipboard-read', 'clipboard-write'];
  const page = await open('#/renders/order-1', { permissions });
  const copied = async (what: string) => {
    const button = page.locator('.menu').getByRole('button', { name: what });
    await button.click();
    await button.getByText('copied').waitFor();
    return String(await page.evaluate('navigator.clipboard.readText()'));
  };
  await page.locator('.menu summary').click();
  expect(JSON.parse(await copied('Request'))).toEqual(request);
  expect(await copied('ARN')).toBe(arnOf('order-1'));
  const command = await copied('Command');
  expect(command).toMatch(/^AWS_ENDPOINT_URL=\S+ npx remotion-step-functions render --state-machine-arn '/);
  expect(JSON.parse(command.split("<<'REQUEST'\n")[1]?.replace(/REQUEST$/, '') ?? '')).toEqual(request);
  expect(await copied('curl')).toMatch(
    /^curl -sS 'http:\/\/127.0.0.1:9' --aws-sigv4 'aws:amz:eu-west-1:states'/,
  );

  await page.goto(`${on.console.origin}/_console/#/batches/spring-1`);
  await page.locator('.menu summary').click();
  expect(JSON.parse(await copied('Request'))).toEqual(batch.input);
  expect(await copied('ARN')).toBe(batchArnOf('spring-1'));
  expect(await copied('curl')).toContain(`"stateMachineArn":"${BATCH_ARN}"`);
});

test('a render that is looked at while the connection is lost shows afterwards what was missed', async () => {
  const before = history(
    ['ExecutionStarted'],
    ['ChoiceStateEntered', { name: 'ReadRequest' }],
    ['ChoiceStateExited', { name: 'ReadRequest' }],
    ['TaskStateEntered', { name: 'StartRender' }],
  );
  on.executions = [{ ...running, history: before }];
  const page = await open('#/renders/order-2');
  await page.getByRole('heading', { name: 'StartRender' }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  const listenAgain = await on.console.stopListening();
  await page.getByText('Connection lost, trying again').waitFor();
  const after = history(
    ...(before.map(({ type }) => [type]) as []),
    ['TaskStateExited', { name: 'StartRender' }],
    ['WaitStateEntered', { name: 'WaitForRender' }],
  );
  on.executions = [{ ...running, history: [...before, ...after.slice(before.length)] }];
  await listenAgain();
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByRole('heading', { name: 'WaitForRender' }).waitFor();
  expect(await page.getByRole('button', { name: /^StartRender, done/ }).count()).toBe(1);
});

test('what a batch is called, and what its rows failed with, never become HTML', async () => {
  const name = '<img src=x onerror=alert(1)>';
  on.batches = [{ ...failedBatch, error: name, input: { batchId: name } }];
  const mapRun = { mapRunArn: 'run', startDate, executionArn: 'e', stateMachineArn: 's' };
  on.console.sfn.on(ListMapRunsCommand).resolves({ mapRuns: [mapRun] });
  const child = { name: 'row', status: 'FAILED', startDate, stateMachineArn: 's' } as const;
  on.console.sfn
    .on(ListExecutionsCommand, { mapRunArn: 'run' })
    .resolves({ executions: [{ ...child, executionArn: 'row' }] });
  const input = JSON.stringify({ row: 1, request: { jobId: name } });
  on.console.sfn.on(GetExecutionHistoryCommand, { executionArn: 'row' }).resolves({
    events: [
      {
        id: 2,
        timestamp: startDate,
        type: 'ExecutionFailed',
        executionFailedEventDetails: { error: name, cause: name },
      },
      { id: 1, timestamp: startDate, type: 'ExecutionStarted', executionStartedEventDetails: { input } },
    ],
  });
  const page = await open('#/batches/spring-1');
  await page.getByRole('region', { name: 'Rows that have failed' }).getByText(name).first().waitFor();
  await page.getByRole('heading', { name }).first().waitFor();
  expect(await page.locator('img[src=x]').count()).toBe(0);
});

describe('without a permission the part says which is missing', () => {
  const send = async (page: Page) => {
    await page.getByText('The workflow takes this request.').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
  };
  const confirm = (button: string, yes: string) => async (page: Page) => {
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: yes }).click();
  };
  const chooseBatches = (page: Page) => page.getByRole('button', { name: /^Batches/ }).click();
  const nothing = async () => {};

  test.each([
    ['the graph', '#/renders/order-1', 'states:DescribeStateMachine', DescribeStateMachineCommand, nothing],
    ['an execution', '#/renders/order-1', 'states:GetExecutionHistory', GetExecutionHistoryCommand, nothing],
    ['its description', '#/renders/order-1', 'states:DescribeExecution', DescribeExecutionCommand, nothing],
    ['a start', '#/start', 'states:StartExecution', StartExecutionCommand, send],
    ['a stop', '#/renders/order-2', 'states:StopExecution', StopExecutionCommand, confirm('Stop', 'Stop it')],
    [
      'a redrive',
      '#/renders/order-1',
      'states:RedriveExecution',
      RedriveExecutionCommand,
      confirm('Redrive', 'Redrive it'),
    ],
    ['the list of batches', '', 'states:ListExecutions', ListExecutionsCommand, chooseBatches],
    ['failed rows', '#/batches/spring-1', 'states:ListMapRuns', ListMapRunsCommand, nothing],
    ['a batch', '#/batches/spring-1', 'states:GetExecutionHistory', GetExecutionHistoryCommand, nothing],
    [
      "a batch's stop",
      '#/batches/spring-1',
      'states:StopExecution',
      StopExecutionCommand,
      confirm('Stop', 'Stop it with its renders'),
    ],
  ] as const)('%s', async (_what, path, action, command, act) => {
    on.executions = [failed, running];
    on.batches = [batch];
    on.console.sfn.on(command as typeof StopExecutionCommand).rejects(refusal(action));
    const page = await open(path);
    await act(page);
    await page
      .getByRole('alert')
      .filter({ hasText: `Let the role that this shell uses do ${action}` })
      .first()
      .waitFor();
  });

  test('what a row of the list does not know', async () => {
    on.executions = [running];
    on.console.sfn.on(DescribeExecutionCommand).rejects(refusal('states:DescribeExecution'));
    const page = await open();
    await row(page, 'not authorized to perform: states:DescribeExecution').waitFor();
  });

  test('batches that cannot be looked for', async () => {
    const console = await startTestConsole({
      isOpen: true,
      endpoint: 'http://127.0.0.1:9',
      findBatchMachine: async () => {
        throw refusal('states:ListStateMachines');
      },
    });
    console.sfn.on(ListExecutionsCommand).resolves({ executions: [] });
    const page = await on.browser.newPage();
    await page.goto(`${console.origin}/_console/`);
    await page.getByRole('heading', { name: 'No renders yet' }).waitFor();
    await chooseBatches(page);
    await page.getByRole('alert').filter({ hasText: 'states:ListStateMachines' }).waitFor();
    await page.close();
    await console.stop();
  });
});

describe('the list', () => {
  test('has those that wait with their place, and on their own in the order of the line', async () => {
    const tickets = ['1-0003', '0-0009', '1-0001'];
    on.executions = tickets.map((ticket, index) => ({
      name: `wait-${ticket}`,
      status: 'RUNNING',
      startDate: new Date(startDate.getTime() - index),
      history: waitingHistory(ticket),
    }));
    const page = await open();
    await row(page, 'wait-0-0009').getByText('waiting, 1st of 3').waitFor();
    await row(page, 'wait-1-0003').getByText('waiting, 3rd of 3').waitFor();
    await page.getByRole('button', { name: /^Waiting/ }).click();
    const names = await row(page, 'wait').getByRole('link').allTextContents();
    expect(names).toEqual(['wait-0-0009', 'wait-1-0001', 'wait-1-0003']);
    // The first gets its turn.
    on.executions = on.executions.map((each) =>
      each.name === 'wait-0-0009' ? { ...each, history: [] } : each,
    );
    await row(page, 'wait-1-0001').getByText('waiting, 1st of 2').waitFor();
  });

  test('has batches with their rows and cost, and finds a batch by its id with all its renders', async () => {
    const context = { batchId: 'spring', row: '7' };
    on.batches = [batch];
    on.executions = [{ ...running, input: { context, render: { composition: 'A' } } }, ...listed(3)];
    const page = await open('#/?text=spring');
    const own = row(page, '320 rows');
    await own.getByText('200 done, 10 running, 100 waiting, 10 failed').waitFor();
    await own.getByText('$1.23').waitFor();
    await own.getByText('66 %').waitFor();
    await row(page, 'order-2').waitFor();
    expect(await row(page, '').count()).toBe(2);
    await page.getByRole('button', { name: /^Batches/ }).click();
    expect(await row(page, '').count()).toBe(1);
  });
});

test.each([
  ['aws', 'eu-west-1', 'https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/'],
  ['aws-cn', 'cn-north-1', 'https://console.amazonaws.cn/states/home?region=cn-north-1#/'],
  ['aws-us-gov', 'us-gov-west-1', 'https://console.amazonaws-us-gov.com/states/home?region=us-gov-west-1#/'],
  ['aws-iso', 'us-iso-east-1', undefined],
])('in the partition %s the link to the console of AWS is its own', async (partition, region, address) => {
  const stateMachineArn = `arn:${partition}:states:${region}:123456789012:stateMachine:RenderWorkflow`;
  const console = await startTestConsole({ isOpen: true, stateMachineArn });
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:it`;
  console.sfn.on(GetExecutionHistoryCommand).resolves({ events: [] });
  console.sfn
    .on(DescribeExecutionCommand)
    .resolves({ executionArn, name: 'it', status: 'RUNNING', startDate, input: '{}' });
  const page = await on.browser.newPage();
  await page.goto(`${console.origin}/_console/#/renders/it`);
  await page.getByRole('button', { name: 'Stop' }).waitFor();
  const link = page.getByRole('link', { name: "In AWS's console" });
  expect(await link.count()).toBe(address ? 1 : 0);
  if (address)
    expect(await link.getAttribute('href')).toBe(`${address}v2/executions/details/${executionArn}`);
  await page.close();
  await console.stop();
});

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each([
    ['a list with batches and those that wait', ''],
    ['a render that waits', '#/renders/wait'],
    ['a running batch', '#/batches/spring-1'],
    ['a failed batch', '#/batches/failed'],
    ['a dry run', '#/batches/dry'],
    ['a batch that is not there', '#/batches/nothing'],
    ['a form with wrong fields', '#/start'],
  ])('axe finds nothing in %s, nor is anything wider than 360 px', async (what, path) => {
    on.executions = [{ ...running, name: 'wait', history: waitingHistory('1-1') }, ...listed(3)];
    on.batches = [batch, { ...failedBatch, name: 'failed' }, { ...dryRun, name: 'dry' }];
    on.console.sfn.on(DescribeStateMachineCommand).callsFake(({ stateMachineArn }) => ({
      definition: DEFINITIONS[stateMachineArn === BATCH_ARN ? 'render-batch' : 'render-workflow'],
    }));
    const view = { colorScheme, viewport: { width: 360, height: 780 }, reducedMotion: 'reduce' } as const;
    const page = await open(path, view);
    const complained = complaints(page);
    if (what.startsWith('a form')) await page.getByLabel('composition').fill('');
    if (/batch$|waits$/.test(what) && path !== '') await page.locator('.graph').waitFor();
    await page.waitForTimeout(1500);
    expect(await axe(page)).toEqual([]);
    expect(await tooWide(page)).toEqual([]);
    if (what === 'a failed batch') {
      await page.locator('.menu summary').click();
      expect(await tooWide(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    expect(await axe(page)).toEqual([]);
    expect(complained).toEqual([]);
  });
});
