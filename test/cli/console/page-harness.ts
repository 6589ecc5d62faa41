import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
} from '@aws-sdk/client-sfn';
import type { Browser, Page } from 'playwright-core';
import type { ConsoleOptions } from '../../../cli/console/console-options.ts';
import { openBrowser } from '../../../proof/console/open-browser.ts';
import { refusal, startTestConsole } from './test-console.ts';

/** An execution as ListExecutions and DescribeExecution tell it. */
export interface MockedExecution {
  readonly name: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly startDate: Date;
  readonly input?: object;
  readonly output?: object;
  readonly error?: string;
  readonly redriveStatus?: 'REDRIVABLE';
  readonly history?: readonly HistoryEvent[];
}

const MISSING = { name: 'ExecutionDoesNotExist', action: 'states:DescribeExecution' };
const REQUEST = { render: { composition: 'Invoice', codec: 'h264' } };

/** So many, newest first. */
export function listed(count: number): MockedExecution[] {
  const statuses = ['SUCCEEDED', 'SUCCEEDED', 'FAILED', 'ABORTED', 'RUNNING'] as const;
  return Array.from({ length: count }, (_, index) => ({
    name: `order-${count - index}`,
    status: statuses[index % statuses.length] as (typeof statuses)[number],
    startDate: new Date(Date.now() - index * 60_000),
  }));
}

/** A browser with the page before Step Functions that answers as the tests say. */
export function pageHarness(options: Partial<ConsoleOptions> = {}) {
  const pages: Page[] = [];
  const harness = {
    browser: undefined as unknown as Browser,
    console: undefined as unknown as Awaited<ReturnType<typeof startTestConsole>>,
    /** By the end of their machine's name: `RenderWorkflow`, `RenderBatch`. */
    executions: [] as readonly MockedExecution[],
    batches: [] as readonly MockedExecution[],
    async open(path = '', of: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
      const page = await harness.browser.newPage(of);
      pages.push(page);
      await page.goto(`${harness.console.origin}/_console/${path}`);
      await page.locator('main > :not(.loading)').first().waitFor();
      return page;
    },
  };
  const ofArn = (arn: string) => (arn.includes('RenderBatch') ? harness.batches : harness.executions);
  const find = (arn: string) => {
    const found = ofArn(arn).find(({ name }) => name === arn.split(':').at(-1));
    if (found) return found;
    throw Object.assign(new Error('Execution Does Not Exist'), MISSING);
  };
  beforeAll(async () => {
    harness.browser = await openBrowser();
  });
  afterAll(() => harness.browser?.close());
  beforeEach(async () => {
    harness.console = await startTestConsole({ isOpen: true, endpoint: 'http://127.0.0.1:9', ...options });
    harness.executions = [];
    harness.batches = [];
    const { sfn } = harness.console;
    sfn.on(DescribeStateMachineCommand).rejects(refusal('states:DescribeStateMachine'));
    sfn.on(ListExecutionsCommand).callsFake(({ stateMachineArn = '', maxResults, statusFilter }) => ({
      executions: ofArn(stateMachineArn)
        .filter(({ status }) => statusFilter === undefined || status === statusFilter)
        .slice(0, maxResults)
        .map(({ name, status, startDate }) => ({
          name,
          status,
          startDate,
          executionArn: `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`,
        })),
    }));
    // As Step Functions gives it: newest first.
    sfn
      .on(GetExecutionHistoryCommand)
      .callsFake(({ executionArn }) => ({ events: find(executionArn).history?.toReversed() ?? [] }));
    sfn.on(DescribeExecutionCommand).callsFake(({ executionArn }) => {
      const { history: _, input = REQUEST, output, startDate, ...execution } = find(executionArn);
      return {
        executionArn,
        stateMachineArn: executionArn.replace(':execution:', ':stateMachine:').replace(/:[^:]+$/, ''),
        ...execution,
        startDate,
        ...(execution.status !== 'RUNNING' && { stopDate: new Date() }),
        input: JSON.stringify(input),
        ...(output && { output: JSON.stringify(output) }),
        ...(execution.status === 'FAILED' && { error: 'RenderFailed', cause: '{}', ...execution }),
      };
    });
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close();
    await harness.console.stop();
  });
  return harness;
}
