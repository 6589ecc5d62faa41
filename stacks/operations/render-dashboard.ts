import {
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  Metric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Aws, Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import {
  type BatchMetricName,
  FAILURE_NAMES,
  type MetricName,
} from '../../functions/runtime/metric-definitions.ts';
import type { DeadLetterQueue } from '../dead-letter-queue.ts';
import { failuresMetric, renderMetric } from './render-metric.ts';

const PERIOD = Duration.minutes(5);

/** Of 24, so that two stand side by side. */
const WIDTH = 12;

export interface RenderDashboardProps {
  readonly stateMachine: IStateMachine;
  /** Value of the dimension `service` of the workflow's metrics, with which the dashboard's name begins. */
  readonly serviceName: string;
  /** Whether renders wait for their turn. */
  readonly hasLimit: boolean;
  /** Whether tables are rendered. */
  readonly hasBatches: boolean;
  /** By what they are called on the dashboard. */
  readonly deadLetterQueues: Readonly<Record<string, DeadLetterQueue>>;
}

/** A dashboard of a render workflow: what is rendered, what fails, what it costs and how long it takes. */
export class RenderDashboard extends Construct {
  readonly dashboard: Dashboard;
  private readonly serviceName: string;

  constructor(
    scope: Construct,
    id: string,
    { stateMachine, serviceName, hasLimit, hasBatches, deadLetterQueues }: RenderDashboardProps,
  ) {
    super(scope, id);
    this.serviceName = serviceName;
    const sum = { period: PERIOD, statistic: 'Sum' };
    const maximum = { period: PERIOD, statistic: 'Maximum' };
    const hourlySum = { period: Duration.hours(1), statistic: 'Sum' };
    this.dashboard = new Dashboard(this, 'Dashboard', {
      // An account's dashboards have no region: those of two regions must not have one name.
      dashboardName: `${serviceName}-${Aws.REGION}`,
      defaultInterval: Duration.days(1),
    });
    this.addRow(
      graph('Renders', 'renders', [
        this.own('RendersStarted', 'started', 'Sum'),
        this.own('RendersSucceeded', 'delivered', 'Sum'),
        stateMachine.metricFailed({ ...sum, label: 'failed' }),
        stateMachine.metricTimedOut({ ...sum, label: 'timed out' }),
        this.own('RendersCancelled', 'cancelled', 'Sum'),
      ]),
      graph(
        'Failures by name',
        'executions',
        FAILURE_NAMES.map((name) => failuresMetric(serviceName, name, { ...sum, label: name })),
        true,
      ),
    );
    this.addRow(
      graph('Cost of the renders, each hour', 'USD', [
        renderMetric(serviceName, 'RenderCost', { ...hourlySum, label: 'cost' }),
      ]),
      graph('From the request to the delivery', 'seconds', [
        this.own('TimeToDelivery', 'p50', 'p50'),
        this.own('TimeToDelivery', 'p95', 'p95'),
        this.own('RenderTime', 'render alone, p50', 'p50'),
        this.own('CopyTime', 'copy alone, p95', 'p95'),
      ]),
    );
    this.addRow(
      graph("Concurrency of the account's functions", 'functions at once', accountConcurrency(maximum)),
      graph('Longest wait of a start', 'seconds', [this.own('StartWait', 'waited', 'Maximum')]),
    );
    this.addRow(
      graph("Age of the oldest render, of its function's timeout", 'percent', [
        this.own('DeadlineUsed', 'age', 'Maximum'),
      ]),
      graph('Dead letters, and what the sweep found', 'messages, things', [
        ...Object.entries(deadLetterQueues).map(([label, queue]) =>
          queue.metricApproximateNumberOfMessagesVisible({ ...maximum, label }),
        ),
        this.own('SweepFound', 'found by the sweep', 'Sum'),
      ]),
    );
    if (hasLimit)
      this.addRow(
        graph('Renders and their line', 'renders', [
          this.own('RunningRenders', 'running', 'Maximum'),
          this.own('WaitingRenders', 'waiting', 'Maximum'),
        ]),
        graph('Wait for a turn', 'seconds', [
          this.own('OldestTicketAge', 'the oldest that waits', 'Maximum'),
          this.own('TurnWait', 'until the turn, p50', 'p50'),
        ]),
      );
    if (hasBatches)
      this.addRow(
        graph('Rows of batches', 'rows', [
          this.own('RowsSucceeded', 'rendered', 'Sum'),
          this.own('RowsFailed', 'failed', 'Sum'),
        ]),
        graph('Batches that ended', 'batches', [
          this.own('BatchesSucceeded', 'succeeded', 'Sum'),
          this.own('BatchesFailed', 'failed', 'Sum'),
          this.own('BatchesOverBudget', 'over budget', 'Sum'),
          this.own('BatchesStopped', 'stopped', 'Sum'),
        ]),
      );
    this.addRow(
      graph('Looks for a render', 'looks', [this.own('Looks', 'average', 'Average')]),
      graph('Copied', 'bytes', [this.own('BytesCopied', 'bytes', 'Sum')]),
    );
  }

  private own(name: MetricName | BatchMetricName, label: string, statistic: string): Metric {
    return renderMetric(this.serviceName, name, { period: PERIOD, statistic, label });
  }

  private addRow(...widgets: IWidget[]): void {
    this.dashboard.addWidgets(...widgets);
  }
}

function graph(title: string, label: string, left: IMetric[], stacked = false): GraphWidget {
  return new GraphWidget({
    title,
    left,
    stacked,
    width: WIDTH,
    leftYAxis: { min: 0, label, showUnits: false },
  });
}

/**
 * All functions of the account and region share one limit, which is therefore where a render is throttled.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html
 */
function accountConcurrency(maximum: { period: Duration; statistic: string }): IMetric[] {
  const lambda = (metricName: string, label: string) =>
    new Metric({ namespace: 'AWS/Lambda', metricName, label, ...maximum });
  const concurrent = lambda('ConcurrentExecutions', 'in use');
  const limit = new MathExpression({
    expression: 'SERVICE_QUOTA(concurrent)',
    usingMetrics: { concurrent },
    label: 'limit',
    period: maximum.period,
  });
  return [concurrent, lambda('ClaimedAccountConcurrency', 'in use or reserved'), limit];
}
