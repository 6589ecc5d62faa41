import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStateMachineCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { history } from './histories.ts';
import { listed, pageHarness } from './page-harness.ts';

const on = pageHarness();
const { open } = on;

const startDate = new Date(Date.now() - 60_000);
const logsUrl = 'https://eu-west-1.console.aws.amazon.com/cloudwatch/home';
const report = {
  progressInPercent: 42,
  framesRendered: 50,
  framesTotal: 120,
  lambdasInvoked: 7,
  costInUsd: 0.0123,
  logsUrl,
  pace: { phase: 'rendering' },
};
const pass = (percent: number) =>
  [
    ['TaskStateEntered', { name: 'GetRenderProgress', input: '{"renderId":"r1"}' }],
    ['TaskScheduled', { resourceType: 'lambda', resource: 'invoke' }],
    ['TaskSucceeded', {}],
    [
      'TaskStateExited',
      { name: 'GetRenderProgress', output: JSON.stringify({ ...report, progressInPercent: percent }) },
    ],
    ['WaitStateEntered', { name: 'WaitForRender' }],
    ['WaitStateExited', { name: 'WaitForRender' }],
  ] as const;
const running = {
  name: 'order-1',
  status: 'RUNNING',
  startDate,
  input: {
    jobId: 'order-1',
    render: { composition: 'Invoice', codec: 'h264', inputProps: { secret: 'not at once' } },
  },
  history: history(['ExecutionStarted'], ...pass(20), ...pass(42), [
    'TaskStateEntered',
    { name: 'GetRenderProgress', input: '{"renderId":"r1"}' },
  ]),
} as const;

beforeEach(() => {
  on.executions = [running];
  const file = join(import.meta.dirname, '../../../statemachine/render-workflow.asl.json');
  on.console.sfn.on(DescribeStateMachineCommand).resolves({ definition: readFileSync(file, 'utf8') });
});

describe('the list', () => {
  test('has status, job, composition, progress, cost, duration and age, newest first', async () => {
    const older = { ...running, name: 'order-0', status: 'SUCCEEDED', output: { costInUsd: 1.5 } } as const;
    on.executions = [running, { ...older, startDate: new Date(Date.now() - 3 * 3_600_000) }];
    const page = await open();
    await page.getByText('42 %').waitFor();
    await page.getByText('$1.50').waitFor();
    const rows = await page.locator('.row:not(.head)').allTextContents();
    expect(rows.map((text) => text.replaceAll(/\s+/g, ' '))).toEqual([
      expect.stringMatching(
        /Running.*order-1.*Invoice.*h264.*GetRenderProgress.*42 %.*\$0\.0123.*1 min.*ago/,
      ),
      expect.stringMatching(/Delivered.*order-1.*Invoice.*100 %.*\$1\.50.*3 h ago/),
    ]);
  });

  test('says that it is being loaded, and why it cannot be, and shows it as soon as it can', async () => {
    const unreachable = Object.assign(new Error('connect ECONNREFUSED'), {
      code: 'ECONNREFUSED',
      action: 'states:ListExecutions',
      region: 'eu-west-1',
    });
    let isAnswered = false;
    on.console.sfn.on(ListExecutionsCommand).callsFake(async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      if (isAnswered) return { executions: [{ ...listed(1)[0], executionArn: 'arn:x:order-9' }] };
      throw unreachable;
    });
    const page = await on.browser.newPage();
    await page.goto(`${on.console.origin}/_console/`);
    await page.getByText('Loading the executions…').waitFor();
    const alert = page.getByRole('alert').filter({ hasText: 'eu-west-1 cannot be reached' });
    await alert.getByText('The page tries again by itself.').waitFor();
    isAnswered = true;
    await page.getByRole('link', { name: 'order-1' }).waitFor();
    expect(await alert.count()).toBe(0);
    await page.close();
  });
});

describe('a running render', () => {
  test('has its progress, frames, functions, cost so far, what is left, and its logs', async () => {
    const page = await open('#/renders/order-1');
    const progress = page.getByRole('region', { name: 'Progress', exact: true });
    await progress.getByText('42 %').waitFor();
    const text = (await progress.textContent()) ?? '';
    expect(text).toMatch(/rendering frames.*50 of 120.*Functions7.*\$0\.0123.*Running for.*About left/s);
    const logs = progress.getByRole('link', { name: 'Logs of the render' });
    expect(await logs.getAttribute('href')).toBe(logsUrl);
  });

  test('has the passes of its loop counted, its waits hatched, and its bars to scale', async () => {
    const page = await open('#/renders/order-1');
    await page.getByRole('button', { name: 'GetRenderProgress, running, 3 passes' }).waitFor();
    await page.getByRole('button', { name: 'WaitForRender, done, 2 passes' }).waitFor();
    const waits = page.locator('.pass.wait');
    expect(await waits.count()).toBe(2);
    const width = async (id: string) => (await page.locator(id).boundingBox())?.width ?? 0;
    // Three seconds against one.
    expect((await width('#pass-2')) / (await width('#pass-6'))).toBeCloseTo(3, 0);
  });

  test('has the input and the output of the chosen pass, and goes from one pass to the other', async () => {
    const page = await open('#/renders/order-1');
    await page.locator('#pass-2').click();
    const visit = page.getByRole('region', { name: 'GetRenderProgress' });
    await visit.getByText('pass 1 of 3').waitFor();
    await visit.getByText('renderId').waitFor();
    expect(await visit.textContent()).toMatch(/Input.*r1.*Output.*progressInPercent 20/s);
    await visit.getByRole('button', { name: 'The pass after' }).click();
    await visit.getByText('progressInPercent 42').waitFor();
  });

  test('has its request, with the props folded', async () => {
    const page = await open('#/renders/order-1');
    const request = page.getByRole('region', { name: 'Request' });
    await request.getByText('Invoice').waitFor();
    expect(await request.getByText('not at once').isVisible()).toBe(false);
    await request.getByText('inputProps').click();
    expect(await request.getByText('not at once').isVisible()).toBe(true);
  });
});

test('a changed request needs a job of its own, which the page says and makes', async () => {
  on.executions = [{ ...running, status: 'FAILED' }];
  const page = await open('#/renders/order-1');
  await page.getByRole('link', { name: 'Render again' }).click();
  await page.getByText('joins the render that the job has').waitFor();
  await page.getByLabel('composition').fill('Receipt');
  await page.getByText('A changed request needs a jobId of its own').waitFor();
  await page.getByRole('button', { name: 'Give it a new jobId' }).click();
  expect(await page.getByLabel('jobId', { exact: true }).inputValue()).toMatch(/^order-1-\w+$/);
  expect(await page.getByLabel('composition').inputValue()).toBe('Receipt');
});
