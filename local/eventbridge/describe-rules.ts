import { type Authorization, AwsError, LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../aws.ts';
import type { LocalEventRule } from '../cloud-assembly/local-stack.ts';

/** What questions about buses and rules are asked with. */
export interface RuleQuestion {
  readonly Name?: string;
  readonly Rule?: string;
  readonly TargetArn?: string;
  readonly EventBusName?: string;
}

interface Rules {
  readonly buses: readonly string[];
  readonly rules: readonly LocalEventRule[];
}

const ANSWERS: Readonly<Record<string, (question: RuleQuestion, stack: Rules) => object>> = {
  DescribeEventBus({ Name = 'default' }, { buses }) {
    const name = busName(Name);
    if (!buses.includes(name)) throw notFound(`Event bus ${name} does not exist.`);
    return { Name: name, Arn: busArn(name) };
  },
  ListRuleNamesByTarget: ({ TargetArn, EventBusName }, { rules }) => ({
    RuleNames: rules
      .filter((rule) => rule.busName === busName(EventBusName))
      .filter(({ targets }) => targets.some(({ arn }) => arn === TargetArn))
      .map(({ name }) => name),
  }),
  DescribeRule({ Name, EventBusName }, { rules }) {
    const { name, arn, enabled, eventPattern, schedule } = ruleOf(Name, EventBusName, rules);
    return {
      Name: name,
      Arn: arn,
      State: enabled ? 'ENABLED' : 'DISABLED',
      EventPattern: JSON.stringify(eventPattern),
      ScheduleExpression: schedule,
    };
  },
  ListTargetsByRule: ({ Rule, EventBusName }, { rules }) => ({
    Targets: ruleOf(Rule, EventBusName, rules).targets.map((target) => ({
      Id: target.id,
      Arn: target.arn,
      RoleArn: target.roleArn,
      DeadLetterConfig: target.deadLetterQueueArn && { Arn: target.deadLetterQueueArn },
    })),
  }),
};

/** What IAM must allow for a question; undefined where the operation is none. */
export function ruleAuthorization(operation: string, question: RuleQuestion): Authorization | undefined {
  if (!Object.hasOwn(ANSWERS, operation)) return undefined;
  const { Name = 'default', Rule = Name, EventBusName } = question;
  if (operation === 'DescribeEventBus')
    return { action: 'events:DescribeEventBus', resource: busArn(busName(Name)) };
  const bus = busName(EventBusName);
  const rule = operation === 'ListRuleNamesByTarget' ? '*' : Rule;
  const resource = `arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:rule/${bus === 'default' ? '' : `${bus}/`}${rule}`;
  return { action: `events:${operation}`, resource };
}

/** @throws AwsError `ResourceNotFoundException` */
export function answerAboutRules(operation: string, question: RuleQuestion, stack: Rules): object {
  return ANSWERS[operation]?.(question, stack) ?? {};
}

/** A bus is given by name or by ARN. */
export function busName(nameOrArn = 'default'): string {
  return nameOrArn.split('/').at(-1) ?? 'default';
}

function busArn(name: string): string {
  return `arn:aws:events:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:event-bus/${name}`;
}

function ruleOf(name = '', bus: string | undefined, rules: readonly LocalEventRule[]): LocalEventRule {
  const found = rules.find((rule) => rule.name === name && rule.busName === busName(bus));
  if (!found) throw notFound(`Rule ${name} does not exist on EventBus ${busName(bus)}.`);
  return found;
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message);
}
