import { GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeEventBusCommand } from '@aws-sdk/client-eventbridge';
import { ListPipesCommand } from '@aws-sdk/client-pipes';
import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { type Check, type Finding, fail, ok, warn, worstOf } from '../check.ts';
import { deadLettersOfQueue, type EventRule, findEventRules } from '../event-rules.ts';
import type { WorkflowFacts } from '../workflow-facts.ts';

const RULE_PERMISSIONS = [
  'events:ListRuleNamesByTarget',
  'events:DescribeRule',
  'events:ListTargetsByRule',
  'states:ListStateMachines',
  'states:DescribeStateMachine',
];

const DEPLOY = 'Deploy the stack again (npx cdk deploy).';

/** What starts renders and stops them by event, and what is left over of it. */
export const eventChecks: readonly Check[] = [
  {
    name: 'event-bus',
    about: 'The event bus is there.',
    permissions: ['events:DescribeEventBus'],
    async run(facts) {
      const { EVENT_BUS_ARN } = await facts.environment('CancelRender');
      const Name = EVENT_BUS_ARN?.split('/').at(-1);
      try {
        await facts.clients.events.send(new DescribeEventBusCommand({ Name }));
      } catch (error) {
        if ((error as Error).name !== 'ResourceNotFoundException') throw error;
        return fail(`${Name} is not there, and executions fail when they publish to it`, DEPLOY);
      }
      return ok(`${Name}`);
    },
  },
  {
    name: 'rules',
    about:
      'The rules that start renders, have the renders of stopped executions cancelled and the results of stopped batches written are enabled.',
    permissions: RULE_PERMISSIONS,
    async run(facts) {
      const { starting, cancelling, keeping, summarizing } = await findEventRules(facts);
      return worstOf([
        stateOf(starting, 'events start no render'),
        stateOf(cancelling, 'the renders of stopped executions go on, and cost'),
        ...(keeping ? [stateOf(keeping, 'failed messages of the queue are lost')] : []),
        ...(summarizing ? [stateOf(summarizing, 'stopped batches have no results')] : []),
      ]);
    },
  },
  {
    name: 'pipe',
    about: 'The pipe that takes requests from the queue is running, if there is a queue.',
    permissions: ['pipes:ListPipes'],
    async run(facts) {
      const { RENDER_QUEUE_ARN } = await facts.environment('CancelRender');
      if (RENDER_QUEUE_ARN === undefined) return ok('the stack has no queue of requests');
      const { Pipes = [] } = await facts.clients.pipes.send(
        new ListPipesCommand({ SourcePrefix: RENDER_QUEUE_ARN }),
      );
      const [pipe] = Pipes;
      if (!pipe) return fail('no pipe takes requests from the queue', DEPLOY);
      const { Name, CurrentState, StateReason } = pipe;
      if (CurrentState === 'RUNNING') return ok(`running: ${Name}`);
      return fail(
        `${Name} is ${CurrentState}, and requests wait in the queue${StateReason ? `: ${StateReason}` : ''}`,
        CurrentState === 'STOPPED' ? `aws pipes start-pipe --name ${Name}` : DEPLOY,
      );
    },
  },
  {
    name: 'dead-letters',
    about: 'Nothing waits in the dead-letter queues; since when the oldest message does.',
    permissions: [
      ...RULE_PERMISSIONS,
      'sqs:GetQueueUrl',
      'sqs:GetQueueAttributes',
      'cloudwatch:GetMetricStatistics',
    ],
    async run(facts) {
      const { starting, cancelling, summarizing = [] } = await findEventRules(facts);
      const ofRules = [...starting, ...cancelling, ...summarizing].flatMap(({ targets }) =>
        targets.map(({ DeadLetterConfig }) => DeadLetterConfig?.Arn),
      );
      const arns = [...ofRules, await deadLettersOfQueue(facts)].filter((arn) => arn !== undefined);
      const waiting = await Promise.all([...new Set(arns)].map((arn) => lookIntoQueue(facts, arn)));
      const full = waiting.filter(({ messages }) => messages > 0);
      if (full.length === 0) return ok(`${waiting.length} queues, all empty`);
      return warn(
        full.map(({ name, messages, since }) => `${messages} in ${name}${since}`).join('; '),
        'Receive them, remove what was wrong and send them again: docs/operations.md#alarms.',
      );
    },
  },
];

function stateOf(rules: readonly EventRule[], consequence: string): Finding {
  if (rules.length === 0) return fail(`a rule is missing: ${consequence}`, DEPLOY);
  const disabled = rules.find(({ State }) => State === 'DISABLED');
  if (!disabled) return ok('all are there and enabled');
  const { Name, EventBusName } = disabled;
  const bus = EventBusName && EventBusName !== 'default' ? ` --event-bus-name ${EventBusName}` : '';
  return fail(`${Name} is disabled: ${consequence}`, `aws events enable-rule --name ${Name}${bus}`);
}

async function lookIntoQueue({ clients: { sqs, cloudwatch } }: WorkflowFacts, arn: string) {
  const name = arn.split(':').at(-1) ?? '';
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  const messages = Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  if (messages === 0) return { name, messages, since: '' };
  const now = Date.now();
  // Without it the number stands alone: that messages wait matters more.
  const { Datapoints = [] } = await cloudwatch
    .send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateAgeOfOldestMessage',
        Dimensions: [{ Name: 'QueueName', Value: name }],
        StartTime: new Date(now - 15 * 60_000),
        EndTime: new Date(now),
        Period: 900,
        Statistics: ['Maximum'],
      }),
    )
    .catch(() => ({ Datapoints: [] as { Maximum?: number }[] }));
  const age = Math.max(0, ...Datapoints.map(({ Maximum = 0 }) => Maximum));
  const since = age > 0 ? `, the oldest since ${new Date(now - age * 1000).toISOString().slice(0, 16)}Z` : '';
  return { name, messages, since };
}
