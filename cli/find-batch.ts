import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  paginateListExecutions,
} from '@aws-sdk/client-sfn';
import type { BatchRequest } from '../statemachine/batch-contract.ts';
import { batchIdOfName } from '../statemachine/parse-batch-request.ts';
import { type BatchMachine, batchMachine, withBatchMachine } from './batch-machine.ts';
import { type ConnectOptions, connect } from './connect.ts';
import { executionArn, nameOf, stateMachineOf } from './find-state-machine.ts';
import type { RenderClients } from './render-clients.ts';
import { UsageError } from './usage-error.ts';

/** Executions, from the newest, among which a batch is looked for: each is asked for what it is. */
const LOOKED_AT = 100;

/** An execution of a batch, and what it takes to ask more. */
export interface FoundBatch {
  readonly clients: RenderClients;
  readonly machine: BatchMachine;
  readonly executionArn: string;
  readonly batchId: string;
  readonly input: BatchRequest;
  readonly execution: DescribeExecutionOutput;
}

/**
 * The batch that was named by its id, else its newest execution by ARN or name; else the newest of all. A dry run is
 * no batch, unless it is named.
 *
 * @throws UsageError when there is none.
 */
export async function findBatch(named: string | undefined, given: ConnectOptions): Promise<FoundBatch> {
  const isArn = named?.startsWith('arn:') ?? false;
  const options = withBatchMachine(
    isArn ? { ...given, stateMachineArn: stateMachineOf(named ?? '') } : given,
  );
  const clients = connect(options, named);
  const machine = await batchMachine(clients, options);
  const found = isArn && named ? await describe(clients, named) : await newest(clients, machine, named);
  return { clients, machine, ...found };
}

async function newest(clients: RenderClients, { arn }: BatchMachine, named: string | undefined) {
  let looked = 0;
  const pages = paginateListExecutions({ client: clients.sfn, pageSize: 100 }, { stateMachineArn: arn });
  for await (const { executions = [] } of pages) {
    for (const { executionArn = '', name } of executions) {
      const batch = await describe(clients, executionArn);
      if (named === undefined ? !batch.input.dryRun : name === named) return batch;
      if (batch.batchId === named && !batch.input.dryRun) return batch;
    }
    looked += executions.length;
    if (looked >= LOOKED_AT) break;
  }
  if (named === undefined) throw new UsageError(`${nameOf(arn)} has rendered no batch yet.`);
  // The SDK's error says that it is not there.
  return describe(clients, executionArn(named, arn));
}

async function describe({ sfn }: RenderClients, executionArn: string) {
  const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  const input: BatchRequest = JSON.parse(execution.input ?? '{}') ?? {};
  return { executionArn, execution, input, batchId: input.batchId ?? batchIdOfName(nameOf(executionArn)) };
}
