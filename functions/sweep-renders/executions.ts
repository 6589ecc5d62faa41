import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  type ExecutionStatus,
  paginateListExecutions,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { tracer } from '../runtime/step-handler.ts';

/** An execution as far as the sweep goes by it. */
export interface SweptExecution {
  readonly executionArn: string;
  readonly status: ExecutionStatus;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds since 1970. */
  readonly endedAt: number | undefined;
  /** JSON text; only of one that was asked for with it. */
  readonly input?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly redriveCount: number;
}

/** So young an execution may be known nowhere yet, in milliseconds. */
export const YOUNG_IN_MS = 30_000;

/** Whether an execution has ended so long ago that its event has been lost, and is not on the way. */
export function isLongOver(execution: SweptExecution | undefined): boolean {
  return Date.now() - (execution?.endedAt ?? 0) > YOUNG_IN_MS;
}

/** The executions of a state machine. */
export class Executions {
  readonly #client: SFNClient;
  readonly #stateMachineArn: string;

  constructor(stateMachineArn: string) {
    const requestHandler = { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true };
    this.#client = tracer.captureAWSv3Client(new SFNClient({ requestHandler }));
    this.#stateMachineArn = stateMachineArn;
  }

  /** ARNs of all that run. The list may lack what has just begun: whoever is missing is to be asked for. */
  async running(): Promise<Set<string>> {
    return new Set(await this.#list('RUNNING', 0));
  }

  /** ARNs of those that were started since and ended so, in milliseconds since 1970. */
  startedSince(since: number, status: ExecutionStatus): Promise<string[]> {
    return this.#list(status, since);
  }

  /** Undefined for one that there is not, or not any more. */
  async describe(executionArn: string, withInput = false): Promise<SweptExecution | undefined> {
    const includedData = withInput ? 'ALL_DATA' : 'METADATA_ONLY';
    try {
      return asSwept(await this.#client.send(new DescribeExecutionCommand({ executionArn, includedData })));
    } catch (error) {
      if ((error as Error).name === 'ExecutionDoesNotExist') return undefined;
      throw error;
    }
  }

  /** The newest come first. */
  async #list(statusFilter: ExecutionStatus, since: number): Promise<string[]> {
    const arns: string[] = [];
    const request = { stateMachineArn: this.#stateMachineArn, statusFilter, maxResults: 1000 };
    for await (const { executions = [] } of paginateListExecutions({ client: this.#client }, request)) {
      const fitting = executions.filter(({ startDate }) => (startDate?.getTime() ?? 0) >= since);
      arns.push(...fitting.map(({ executionArn = '' }) => executionArn));
      if (fitting.length < executions.length) break;
    }
    return arns;
  }
}

function asSwept(described: DescribeExecutionOutput): SweptExecution {
  const { executionArn = '', status = 'RUNNING', startDate, stopDate, input, error, cause } = described;
  return {
    executionArn,
    status,
    startedAt: startDate?.getTime() ?? 0,
    endedAt: stopDate?.getTime(),
    redriveCount: described.redriveCount ?? 0,
    ...(input !== undefined && { input }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
}
