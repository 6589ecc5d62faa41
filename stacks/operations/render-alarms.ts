import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Duration, Tokenization } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { RenderDashboardProps } from './render-dashboard.ts';
import { renderMetric } from './render-metric.ts';

/** A start that has waited for so long, in seconds, is worth a look; by default it may wait for 300. */
const LONG_WAIT_IN_SECONDS = 120;

/** Of the render that has waited for longest for its turn. */
const LONG_LINE_IN_SECONDS = 3_600;

const PERIOD = Duration.minutes(5);

export interface RenderAlarmsProps extends RenderDashboardProps {
  /** Is told of every alarm. */
  readonly topic: ITopic;
  /** In USD. @default - no alarm */
  readonly maxSpendPerDayInUsd?: number;
}

interface Limit {
  readonly metric: IMetric;
  /** Alarms above it. */
  readonly above: number;
  /** What has happened, and what to do. */
  readonly description: string;
}

/**
 * Alarms of a render workflow. `docs/operations.md` says more of each. A stopped execution is nothing to be told
 * of: somebody has stopped it. Nothing happening is no reason for an alarm either.
 */
export class RenderAlarms extends Construct {
  private readonly topic: ITopic;

  constructor(scope: Construct, id: string, props: RenderAlarmsProps) {
    super(scope, id);
    this.topic = props.topic;
    const { stateMachine, serviceName, hasLimit, hasBatches, deadLetterQueues, maxSpendPerDayInUsd } = props;
    this.add('ExecutionsFailed', {
      metric: stateMachine.metricFailed({ period: PERIOD }),
      above: 0,
      description:
        'Executions of the render workflow have failed. Open them in the Step Functions console: the error is a name of docs/errors.md, the cause says what to do.',
    });
    this.add('ExecutionsTimedOut', {
      metric: stateMachine.metricTimedOut({ period: PERIOD }),
      above: 0,
      description:
        "Executions of the render workflow have run for more than fourteen days and were ended; their renders are cancelled. Look at the last state of each in the Step Functions console: it waited for Lambda's capacity, or the functions fail.",
    });
    for (const [name, queue] of Object.entries(deadLetterQueues)) {
      this.add(name, {
        metric: queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' }),
        above: 0,
        description: `Messages are in the dead-letter queue ${name}. ${queue.keeps} Receive them, remove what was wrong, send what is still wanted again and delete them; docs/operations.md says how.`,
      });
    }
    this.add('StartsThrottled', {
      metric: renderMetric(serviceName, 'StartWait', { period: PERIOD, statistic: 'Maximum' }),
      above: LONG_WAIT_IN_SECONDS,
      description: `A render has waited for more than ${LONG_WAIT_IN_SECONDS} seconds for Lambda's capacity. Raise the account's quota of concurrent executions (npx remotion lambda quotas), start fewer renders at once or give each fewer functions (a higher framesPerLambda).`,
    });
    this.add('SweepFound', {
      metric: renderMetric(serviceName, 'SweepFound', { period: PERIOD, statistic: 'Sum' }),
      above: 0,
      description:
        'The sweep has found what an ended execution had left, and has cancelled and freed it: no event told, or CancelRender failed. Now and then AWS loses an event. Look at the logs of CancelRender and at its dead-letter queue where it happens again.',
    });
    if (hasLimit)
      this.add('LongWaitForTurn', {
        metric: renderMetric(serviceName, 'OldestTicketAge', { period: PERIOD, statistic: 'Maximum' }),
        above: LONG_LINE_IN_SECONDS,
        description: `A render has waited for more than ${LONG_LINE_IN_SECONDS / 60} minutes for its turn. Look at the line (remotion-step-functions list --waiting). Raise maxConcurrentRenders as far as the quota of concurrent executions allows, or ask for fewer renders.`,
      });
    if (hasBatches) {
      this.add('BatchesFailed', {
        metric: renderMetric(serviceName, 'BatchesFailed', { period: PERIOD, statistic: 'Sum' }),
        above: 0,
        description:
          'A batch has failed. Look at it (remotion-step-functions batch status, or its execution): the error is a name of docs/batch.md, and results.jsonl says of each row what was wrong. Only rows without a video are rendered when it is retried.',
      });
      this.add('BatchesOverBudget', {
        metric: renderMetric(serviceName, 'BatchesOverBudget', { period: PERIOD, statistic: 'Sum' }),
        above: 0,
        description:
          'A batch has spent its maxCostInUsd, and rows are without a video. Look at its summary.json for what rows have cost, and start it again with a higher maxCostInUsd if they are wanted.',
      });
    }
    this.add('RenderBeyondDeadline', {
      metric: renderMetric(serviceName, 'DeadlineUsed', { period: PERIOD, statistic: 'Maximum' }),
      above: 100,
      description:
        "A render is older than the timeout of the Remotion function and still runs; at twice the timeout it is given up. Give renders more functions (a lower framesPerLambda), or deploy a Remotion function with a longer timeout. Its logs are linked in the output of the execution's GetRenderProgress.",
    });
    if (maxSpendPerDayInUsd !== undefined) {
      this.add('SpendPerDay', {
        // The day is the last 24 hours.
        metric: renderMetric(serviceName, 'RenderCost', { period: Duration.days(1), statistic: 'Sum' }),
        above: maxSpendPerDayInUsd,
        description: `Renders have cost more than ${Tokenization.stringifyNumber(maxSpendPerDayInUsd)} USD within 24 hours, by the estimate of Remotion. Look at the executions that run (Step Functions console) and stop what is not wanted; maxCostInUsd limits each render.`,
      });
    }
  }

  private add(id: string, { metric, above, description }: Limit): void {
    const alarm = new Alarm(this, id, {
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: description,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
  }
}
