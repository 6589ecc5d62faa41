import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { BatchSummary, RowResult } from '../../statemachine/batch-contract.ts';
import { type FaultMachine, REMOTION_BUCKET } from '../faults/fault-machine.ts';

/** A line of the table. */
export interface ProofRow {
  readonly n: number;
  /** Whether its first render fails. */
  readonly fails: boolean;
}

/** What the video of row `n` is called in the destination. */
export const keyOf = (n: number) => `rows/${n}.mp4`;

/** Renders at once. */
const CONCURRENT = 20;

/** One batch on the machine, and its execution. */
export class BatchRun {
  readonly #machine: FaultMachine;
  readonly #name: string;
  readonly #rows: readonly ProofRow[];
  readonly #sfn: SFNClient;
  #executionArn = '';

  /** @param name of the batch and of its execution */
  constructor(machine: FaultMachine, name: string, rows: readonly ProofRow[]) {
    this.#machine = machine;
    this.#name = name;
    this.#rows = rows;
    this.#sfn = new SFNClient(machine.clientConfig);
  }

  async start(): Promise<void> {
    const { s3, stack } = this.#machine;
    const lines = this.#rows.map(({ n, fails }) => `${n},${fails ? 'yes' : 'no'}`);
    const Key = `batch-items/${this.#name}.csv`;
    await s3.send(
      new PutObjectCommand({ Bucket: REMOTION_BUCKET, Key, Body: `n,fails\n${lines.join('\n')}\n` }),
    );
    const input = {
      items: `s3://${REMOTION_BUCKET}/${Key}`,
      maxConcurrentRenders: CONCURRENT,
      request: {
        render: {
          composition: 'Scripted',
          codec: 'h264',
          inputProps: {
            job: '{% $row.n %}',
            scripts: "{% $row.fails = 'yes' ? [{'failAtPercent': 50}, {'seconds': 1}] : [{'seconds': 1}] %}",
          },
        },
        destination: { key: "{% 'rows/' & $row.n & '.mp4' %}" },
      },
    };
    const { executionArn = '' } = await this.#sfn.send(
      new StartExecutionCommand({
        stateMachineArn: stack.outputs.BatchStateMachineArn,
        name: this.#name,
        input: JSON.stringify(input),
      }),
    );
    this.#executionArn = executionArn;
  }

  async stop(): Promise<void> {
    const execution = { executionArn: this.#executionArn };
    await this.#sfn.send(
      new StopExecutionCommand({ ...execution, error: 'Stopped', cause: 'In the middle.' }),
    );
  }

  async redrive(): Promise<void> {
    await this.#sfn.send(new RedriveExecutionCommand({ executionArn: this.#executionArn }));
  }

  async status(): Promise<string | undefined> {
    const asked = new DescribeExecutionCommand({ executionArn: this.#executionArn });
    return (await this.#sfn.send(asked)).status;
  }

  /** Its status once it has ended. @param look called from time to time */
  async end(look: () => void): Promise<string | undefined> {
    for (;;) {
      look();
      const status = await this.status();
      if (status !== 'RUNNING') return status;
      await sleep(30_000);
    }
  }

  /** Undefined when there is none. */
  async summary(): Promise<BatchSummary | undefined> {
    const text = await this.#read('summary.json');
    return text === undefined ? undefined : JSON.parse(text);
  }

  async results(): Promise<RowResult[]> {
    const lines = ((await this.#read('results.jsonl')) ?? '').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  }

  get #folder(): string {
    const { functions } = this.#machine.stack;
    const prefix = functions.map(({ environment }) => environment.WORKFLOW_PREFIX).find(Boolean);
    return `${prefix}batches/${this.#name}/`;
  }

  async #read(file: string): Promise<string | undefined> {
    const Key = `${this.#folder}${file}`;
    return this.#machine.s3.send(new GetObjectCommand({ Bucket: REMOTION_BUCKET, Key })).then(
      ({ Body }) => Body?.transformToString(),
      () => undefined,
    );
  }
}

export async function listKeys({ s3 }: FaultMachine, Bucket: string, Prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix }))
    keys.push(...Contents.map(({ Key = '' }) => Key));
  return keys;
}
