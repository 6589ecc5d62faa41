import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { batchKeys } from '../../functions/batch/batch-keys.ts';
import type { Execution } from '../../local/stepfunctions/execution.ts';
import type { BatchSummary, RowResult } from '../../statemachine/batch-contract.ts';
import type { FaultSource } from './fault-kind.ts';
import { type FaultMachine, NOTHING_HAPPENS, REMOTION_BUCKET } from './fault-machine.ts';
import type { FaultRule } from './fault-rule.ts';
import { readDelivered } from './invariants.ts';
import { JobRun } from './job-run.ts';
import { type Outcome, outcomeOf, type Run } from './run.ts';
import type { Scenario } from './scenario.ts';

/** How many rows of an execution render at once. */
const AT_ONCE = 1;

/** A batch of rows, each a job that renders as the scenario's script says. */
export class BatchRun implements Run {
  readonly jobs: readonly JobRun[];
  readonly #machine: FaultMachine;
  readonly #batch: string;
  readonly #scenario: Scenario;
  readonly #problems = new Set<string>();
  #again = 0;

  constructor(machine: FaultMachine, batch: string, scenario: Scenario) {
    this.#machine = machine;
    this.#batch = batch;
    this.#scenario = scenario;
    this.jobs = Array.from(
      { length: scenario.rows ?? 0 },
      (_, i) => new JobRun(machine, `${batch}-row-${i + 1}`, scenario),
    );
  }

  get executions(): readonly Execution[] {
    const names = [this.#batch, ...Array.from({ length: this.#again }, (_, i) => `${this.#batch}-${i + 1}`)];
    return this.#machine.stepFunctions.executions.filter(({ name }) => names.includes(name));
  }

  async run(fault: FaultSource): Promise<Outcome> {
    const { happenings, time, s3 } = this.#machine;
    const Body = ['n', ...this.jobs.map((_, i) => i + 1)].join('\n');
    await s3.send(new PutObjectCommand({ Bucket: REMOTION_BUCKET, Key: this.#table, Body }));
    Object.assign(happenings, {
      fault: (call: Parameters<FaultSource>[0]) => {
        const batches = this.executions.filter(({ status }) => status === 'RUNNING').length;
        const renders = this.jobs.filter(({ isRendering }) => isRendering).length;
        if (batches > 0 && renders > batches * AT_ONCE)
          this.#problems.add(`${renders} renders at once of ${batches} batches`);
        return fault(call);
      },
      stopExecution: () => this.executions[0]?.stop('Stopped', 'By the fault run'),
      repeatRequest: () => void this.startAgain(),
      takeDestination: async () => {},
    });
    this.startAgain();
    const { stopAfterSeconds } = this.#scenario;
    if (stopAfterSeconds !== undefined) {
      await time.clock.sleep(stopAfterSeconds * 1000);
      this.executions[0]?.stop('Stopped', 'By the scenario');
    }
    await this.ended();
    return outcomeOf(this.executions[0]);
  }

  calm(): void {
    Object.assign(this.#machine.happenings, NOTHING_HAPPENS);
  }

  startAgain(): Execution {
    const name = this.#again === 0 ? this.#batch : `${this.#batch}-${this.#again}`;
    this.#again += 1;
    const { stepFunctions, stack } = this.#machine;
    const { maxCostInUsd, scripts } = this.#scenario;
    const input = {
      batchId: this.#batch,
      items: `s3://${REMOTION_BUCKET}/${this.#table}`,
      maxConcurrentRenders: AT_ONCE,
      ...(maxCostInUsd !== undefined && { maxCostInUsd }),
      request: {
        jobId: `{% '${this.#batch}-row-' & $row.n %}`,
        render: {
          composition: 'Scripted',
          codec: 'h264',
          inputProps: { job: `{% '${this.#batch}-row-' & $row.n %}`, scripts },
        },
        destination: { key: `{% 'jobs/${this.#batch}-row-' & $row.n & '.mp4' %}` },
      },
    };
    return stepFunctions.startExecution({
      stateMachineArn: stack.outputs.BatchStateMachineArn ?? '',
      name,
      input: JSON.stringify(input),
    });
  }

  async ended(): Promise<void> {
    for (let seen = -1; seen < this.executions.length; ) {
      seen = this.executions.length;
      await Promise.all(this.executions.map(({ ended }) => ended));
    }
  }

  async freeDestination(): Promise<'not taken'> {
    return 'not taken';
  }

  /** That of a row is in the results. */
  outcomeOf(): Outcome {
    return '';
  }

  async problems(outcome: Outcome, faults: readonly Pick<FaultRule, 'caller' | 'name'>[]): Promise<string[]> {
    const problems = [...this.#problems];
    const keys = this.#keys;
    const isPrepared = this.executions[0]?.events.some(({ stateEnteredEventDetails: entered }) =>
      JSON.stringify(entered)?.includes('"name":"PublishBatchStarted"'),
    );
    const results = await this.#read(keys.results(this.#batch, 'jsonl'));
    const isKept = faults.some(({ caller, name }) => [caller, name].includes('SummarizeBatch'));
    if (results === undefined)
      return isPrepared && !isKept ? [...problems, 'there are no results'] : problems;
    const rows = results
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as RowResult);
    if (rows.length !== this.jobs.length || rows.some(({ row }, i) => row !== i + 1))
      problems.push(`the results are of rows ${rows.map(({ row }) => row).join(', ')}`);
    const videos = await Promise.all(this.jobs.map((job) => readDelivered(this.#machine, job)));
    for (const { row, status } of rows)
      if (status === 'succeeded' && videos[row - 1]?.renderId === undefined)
        problems.push(`row ${row} has succeeded without a video`);
    if (outcome !== 'SUCCEEDED') return problems;
    const missing = rows.filter(({ status }) => status !== 'succeeded').map(({ row }) => row);
    if (missing.length > 0) problems.push(`succeeded without rows ${missing.join(', ')}`);
    const summary = await this.#read(keys.summary(this.#batch));
    const { succeeded } = summary === undefined ? {} : (JSON.parse(summary) as Partial<BatchSummary>);
    if (succeeded !== this.jobs.length)
      problems.push(`the summary has ${succeeded} rows that have succeeded`);
    return problems;
  }

  /** Only rows without a video are rendered. */
  wrongAgain(
    how: 'repeated' | 'redriven',
    _first: Outcome,
    rendersBefore: readonly number[],
    last: Outcome,
  ): string[] {
    const problems = this.jobs.flatMap(({ renders }, i) => {
      const before = renders.slice(0, rendersBefore[i]);
      const most = before.some(({ status }) => status === 'finished') ? 0 : 1;
      return renders.length - before.length > most ? [`row ${i + 1} is rendered again when ${how}`] : [];
    });
    return last === 'SUCCEEDED' || how === 'redriven'
      ? problems
      : [...problems, `the repeat ends in ${last}`];
  }

  async cleanUp(): Promise<void> {
    for (const job of this.jobs) await job.cleanUp();
    const { s3 } = this.#machine;
    const Bucket = REMOTION_BUCKET;
    const Prefix = this.#keys.rows(this.#batch).replace(/rows\/$/, '');
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    for (const Key of [this.#table, ...Contents.map((each) => each.Key)])
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  }

  get #table(): string {
    return `batch-items/${this.#batch}.csv`;
  }

  get #keys() {
    const { functions } = this.#machine.stack;
    return batchKeys(functions.map(({ environment }) => environment.WORKFLOW_PREFIX).find(Boolean) as string);
  }

  /** Undefined when it is not there. */
  async #read(Key: string): Promise<string | undefined> {
    try {
      const { Body } = await this.#machine.s3.send(new GetObjectCommand({ Bucket: REMOTION_BUCKET, Key }));
      return await Body?.transformToString();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }
}
