import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { WorkflowFacts } from './workflow-facts.ts';

/** Status of an execution; `FORGOTTEN` of one that Step Functions does not know, or not any more. */
export async function executionStatus(
  { clients: { sfn } }: WorkflowFacts,
  executionArn: string,
): Promise<string> {
  try {
    const { status = '' } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    return status;
  } catch (error) {
    if ((error as Error).name !== 'ExecutionDoesNotExist') throw error;
    return 'FORGOTTEN';
  }
}
