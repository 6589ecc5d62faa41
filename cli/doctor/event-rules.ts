import {
  DescribeRuleCommand,
  type DescribeRuleResponse,
  ListRuleNamesByTargetCommand,
  ListTargetsByRuleCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { functionsIn, type WorkflowFacts } from './workflow-facts.ts';

/** A rule with its targets. */
export interface EventRule extends DescribeRuleResponse {
  readonly targets: readonly Target[];
}

/** The workflow's rules by what they are for; none where none is there. */
export interface EventRules {
  /** They start the workflow by event. */
  readonly starting: readonly EventRule[];
  /** They have the renders of stopped executions cancelled. */
  readonly cancelling: readonly EventRule[];
  /** They keep the messages of the queue whose executions failed; undefined without a queue. */
  readonly keeping: readonly EventRule[] | undefined;
  /** They have the results of stopped batches written; undefined without batches. */
  readonly summarizing: readonly EventRule[] | undefined;
}

/** Finds the rules by their targets. */
export async function findEventRules(facts: WorkflowFacts): Promise<EventRules> {
  const { EVENT_BUS_ARN, RENDER_QUEUE_ARN } = await facts.environment('CancelRender');
  const { CancelRender = '' } = await facts.stepArns();
  const deadLetters = RENDER_QUEUE_ARN && (await deadLettersOfQueue(facts));
  const batch = await facts.batchDefinition();
  const summarizeBatch = batch && functionsIn(JSON.parse(batch)).SummarizeBatch;
  const [starting, cancelling, keeping, summarizing] = await Promise.all([
    rulesOf(facts, await facts.machineArn(), EVENT_BUS_ARN),
    rulesOf(facts, CancelRender),
    deadLetters ? rulesOf(facts, deadLetters) : undefined,
    summarizeBatch ? rulesOf(facts, summarizeBatch) : undefined,
  ]);
  return { starting, cancelling, keeping, summarizing };
}

/** ARN of the dead-letter queue of the queue of requests; undefined without one. */
export async function deadLettersOfQueue(facts: WorkflowFacts): Promise<string | undefined> {
  const { RENDER_QUEUE_ARN, RENDER_QUEUE_DEAD_LETTERS_URL } = await facts.environment('CancelRender');
  const name = RENDER_QUEUE_DEAD_LETTERS_URL?.split('/').at(-1);
  return name && RENDER_QUEUE_ARN?.replace(/[^:]+$/, name);
}

async function rulesOf({ clients: { events } }: WorkflowFacts, TargetArn: string, EventBusName?: string) {
  const bus = EventBusName === undefined ? {} : { EventBusName };
  const { RuleNames = [] } = await events.send(new ListRuleNamesByTargetCommand({ TargetArn, ...bus }));
  return Promise.all(
    RuleNames.map(async (Name): Promise<EventRule> => {
      const [rule, { Targets = [] }] = await Promise.all([
        events.send(new DescribeRuleCommand({ Name, ...bus })),
        events.send(new ListTargetsByRuleCommand({ Rule: Name, ...bus })),
      ]);
      return { ...rule, targets: Targets };
    }),
  );
}
