import { type MetricAlarm, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { GetTopicAttributesCommand } from '@aws-sdk/client-sns';
import { type Check, fail, ok, warn } from '../check.ts';
import type { WorkflowFacts } from '../workflow-facts.ts';

/** The workflow's alarms. */
export const alarmChecks: readonly Check[] = [
  {
    name: 'alarms',
    about: 'No alarm of the workflow is firing.',
    permissions: ['cloudwatch:DescribeAlarms'],
    async run(facts) {
      const alarms = await alarmsOf(facts);
      if (alarms.length === 0) return ok('the stack has none (alarmTopicArn)');
      const firing = alarms.filter(({ StateValue }) => StateValue === 'ALARM');
      if (firing.length === 0) return ok(`${alarms.length}, none is firing`);
      return warn(
        `firing: ${firing.map(({ AlarmName, StateUpdatedTimestamp }) => `${AlarmName} since ${StateUpdatedTimestamp?.toISOString().slice(0, 16)}Z`).join(', ')}`,
        'The description of the alarm says what to do; so does docs/operations.md#alarms.',
      );
    },
  },
  {
    name: 'alarm-topic',
    about: 'Somebody is told of the alarms.',
    permissions: ['cloudwatch:DescribeAlarms', 'sns:GetTopicAttributes'],
    async run(facts) {
      const alarms = await alarmsOf(facts);
      if (alarms.length === 0) return ok('the stack has no alarms');
      const off = alarms.filter(({ ActionsEnabled }) => ActionsEnabled === false);
      if (off.length > 0)
        return warn(
          `the actions of ${off.length} alarms are turned off`,
          `aws cloudwatch enable-alarm-actions --alarm-names ${off.map(({ AlarmName }) => AlarmName).join(' ')}`,
        );
      const topics = [...new Set(alarms.flatMap(({ AlarmActions = [] }) => AlarmActions))];
      const counts = await Promise.all(topics.map((arn) => subscribersOf(facts, arn)));
      const [topic] = topics.filter((_, i) => counts[i]?.confirmed === 0);
      if (topic === undefined)
        return ok(`${counts.map(({ confirmed }) => confirmed).join(' + ')} subscribers are told`);
      const pending = counts[topics.indexOf(topic)]?.pending ?? 0;
      if (pending < 0) return fail(`${topic} is not there`, 'Deploy the stack with another alarmTopicArn.');
      return warn(
        `${topic} has no subscriber${pending > 0 ? `, and ${pending} that have not confirmed` : ''}`,
        pending > 0
          ? 'Follow the link in the mail that SNS has sent to each.'
          : `aws sns subscribe --protocol email --topic-arn ${topic} --notification-endpoint MAIL`,
      );
    },
  },
];

/** Alarms on metrics of the workflow, of its state machine and of its queues. */
async function alarmsOf(facts: WorkflowFacts): Promise<MetricAlarm[]> {
  const { serviceName } = await facts.settings();
  const machine = await facts.machineArn();
  const isOurs = ({ Dimensions = [] }: MetricAlarm) =>
    Dimensions.some(
      ({ Name, Value }) =>
        (Name === 'service' && Value === serviceName) || (Name === 'StateMachineArn' && Value === machine),
    );
  const all: MetricAlarm[] = [];
  for await (const page of paginateDescribeAlarms(
    { client: facts.clients.cloudwatch },
    { AlarmTypes: ['MetricAlarm'] },
  ))
    all.push(...(page.MetricAlarms ?? []));
  const ours = all.filter(isOurs);
  // Those of the dead-letter queues tell the same topics, and begin with the same name of the stack.
  const stack = ours[0]?.AlarmName?.split('-')[0];
  const topics = ours.flatMap(({ AlarmActions = [] }) => AlarmActions);
  const isOfOurQueues = (alarm: MetricAlarm) =>
    alarm.Namespace === 'AWS/SQS' &&
    alarm.AlarmName?.startsWith(`${stack}-`) &&
    alarm.AlarmActions?.some((arn) => topics.includes(arn));
  return all.filter((alarm) => isOurs(alarm) || isOfOurQueues(alarm));
}

/** `pending` is below 0 of a topic that is not there. */
async function subscribersOf({ clients: { sns } }: WorkflowFacts, TopicArn: string) {
  const { Attributes = {} } = await sns
    .send(new GetTopicAttributesCommand({ TopicArn }))
    .catch((error: Error) => {
      if (error.name !== 'NotFoundException' && error.name !== 'NotFound') throw error;
      return { Attributes: { SubscriptionsPending: '-1' } as Record<string, string> };
    });
  return {
    confirmed: Number(Attributes.SubscriptionsConfirmed ?? 0),
    pending: Number(Attributes.SubscriptionsPending ?? 0),
  };
}
