import { DescribeStateMachineCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { describeTrouble, type Trouble } from './trouble.ts';
import { type WorkflowGraph, workflowGraph } from './workflow-graph.ts';

/** The graph of a state machine's definition, or why there is none. */
export async function definitionGraph(
  sfn: SFNClient,
  stateMachineArn: string,
): Promise<{ readonly graph: WorkflowGraph } | { readonly graphTrouble: Trouble }> {
  try {
    const { definition = '' } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    return { graph: workflowGraph(JSON.parse(definition)) };
  } catch (error) {
    return { graphTrouble: describeTrouble(error as Error) };
  }
}
