import type { Template } from 'aws-cdk-lib/assertions';
import { Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { BATCH_METRICS, FAILURE_NAMES, METRICS } from '../../../functions/runtime/metric-definitions.ts';
import {
  type DashboardGraph,
  type DashboardMetric,
  readDashboard,
} from '../../../proof/dashboard/read-dashboard.ts';
import { newStack, synthesize } from '../synthesize.ts';

const ALL = { ...METRICS, ...BATCH_METRICS };

let template: Template;
let graphs: DashboardGraph[];
beforeAll(() => {
  template = synthesize({
    dashboard: 'true',
    renderQueue: 'true',
    maxConcurrentRenders: '50',
    renderBatch: 'true',
  });
  graphs = readDashboard(template.toJSON() as Parameters<typeof readDashboard>[0]);
});

const linesOf = (graph: DashboardGraph | undefined) =>
  graph?.lines.filter((line): line is DashboardMetric => 'name' in line) ?? [];
const metrics = () => graphs.flatMap(linesOf);

test('there is no dashboard, which costs money, unless it is asked for', () => {
  synthesize().resourceCountIs('AWS::CloudWatch::Dashboard', 0);
});

test('shows what is rendered, what fails, what it costs, how long it takes and how near the limits are', () => {
  const shown = Object.fromEntries(
    graphs.map((graph) => [graph.title, linesOf(graph).map(({ name, statistic }) => `${name} ${statistic}`)]),
  );
  expect(shown).toEqual({
    Renders: [
      'RendersStarted Sum',
      'RendersSucceeded Sum',
      'ExecutionsFailed Sum',
      'ExecutionsTimedOut Sum',
      'RendersCancelled Sum',
    ],
    'Failures by name': FAILURE_NAMES.map(() => 'RendersFailed Sum'),
    'Cost of the renders, each hour': ['RenderCost Sum'],
    'From the request to the delivery': [
      'TimeToDelivery p50',
      'TimeToDelivery p95',
      'RenderTime p50',
      'CopyTime p95',
    ],
    "Concurrency of the account's functions": [
      'ConcurrentExecutions Maximum',
      'ClaimedAccountConcurrency Maximum',
    ],
    'Longest wait of a start': ['StartWait Maximum'],
    "Age of the oldest render, of its function's timeout": ['DeadlineUsed Maximum'],
    'Dead letters, and what the sweep found': [
      'ApproximateNumberOfMessagesVisible Maximum',
      'ApproximateNumberOfMessagesVisible Maximum',
      'ApproximateNumberOfMessagesVisible Maximum',
      'ApproximateNumberOfMessagesVisible Maximum',
      'SweepFound Sum',
    ],
    'Renders and their line': ['RunningRenders Maximum', 'WaitingRenders Maximum'],
    'Wait for a turn': ['OldestTicketAge Maximum', 'TurnWait p50'],
    'Rows of batches': ['RowsSucceeded Sum', 'RowsFailed Sum'],
    'Batches that ended': [
      'BatchesSucceeded Sum',
      'BatchesFailed Sum',
      'BatchesOverBudget Sum',
      'BatchesStopped Sum',
    ],
    'Looks for a render': ['Looks Average'],
    Copied: ['BytesCopied Sum'],
  });
});

test("each of the workflow's own metrics on it is one that the functions emit, with the same dimensions", () => {
  const functions = Object.values(template.findResources('AWS::Lambda::Function'));
  const services = functions.map(
    ({ Properties }) => Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME,
  );
  const own = metrics().filter(({ namespace }) => namespace === 'RemotionStepFunctions');
  for (const { name, dimensions } of own) {
    const definition: { unit: string; dimensions?: readonly string[] } = ALL[name as keyof typeof ALL];
    expect(Object.keys(dimensions).sort()).toEqual([...(definition.dimensions ?? []), 'service']);
    expect(new Set([...services, dimensions.service]).size).toBe(1);
    if (dimensions.error !== undefined) expect(FAILURE_NAMES).toContain(dimensions.error);
  }
  expect(new Set(own.map(({ name }) => name))).toEqual(new Set(Object.keys(ALL)));
});

test('each metric of AWS on it is of a resource of the stack, or of the whole account', () => {
  const ofAws = metrics().filter(({ namespace }) => namespace.startsWith('AWS/'));
  for (const { namespace, dimensions } of ofAws) {
    if (namespace === 'AWS/Lambda') {
      expect(dimensions).toEqual({});
      continue;
    }
    const [[dimension, value] = []] = Object.entries(dimensions);
    const [id = ''] = value?.slice(1, -1).split('.') ?? [];
    const type = template.toJSON().Resources[id]?.Type;
    expect(`${namespace} ${dimension} ${type}`).toMatch(
      /^(AWS\/States StateMachineArn AWS::StepFunctions::StateMachine|AWS\/SQS QueueName AWS::SQS::Queue)$/,
    );
  }
});

test("compares the account's concurrency with its limit", () => {
  const graph = graphs.find(({ title }) => title.startsWith('Concurrency'));
  const [concurrent] = linesOf(graph);
  expect(concurrent).toMatchObject({ name: 'ConcurrentExecutions', id: 'concurrent' });
  expect(graph?.lines).toContainEqual({ label: 'limit', expression: 'SERVICE_QUOTA(concurrent)' });
});

test('stays within the metrics of a dashboard that is free as one of three', () => {
  expect(
    new Set(metrics().map(({ namespace, name, dimensions }) => JSON.stringify([namespace, name, dimensions])))
      .size,
  ).toBeLessThanOrEqual(50);
});

test("cdk-nag's AwsSolutions pack finds nothing in it", () => {
  const { app } = newStack({ dashboard: 'true' });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  expect(() => app.synth()).not.toThrow();
});
