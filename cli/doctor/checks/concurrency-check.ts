import { GetAccountSettingsCommand, GetFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { type Check, fail, ok, warn } from '../check.ts';
import type { WorkflowFacts } from '../workflow-facts.ts';

/** Functions that Remotion gives a render at most. Source: https://www.remotion.dev/docs/lambda/concurrency */
const FUNCTIONS_OF_A_RENDER = 200;

/** What Lambda gives a new account. Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const QUOTA_OF_NEW_ACCOUNTS = 10;

/** Rows of a batch that render at once where its request says nothing, as `statemachine/batch-contract.ts` has it. */
const ROWS_AT_ONCE = 10;

/** Whether the functions that may run at once are enough for the renders that may. */
export const concurrencyCheck: Check = {
  name: 'concurrency',
  about:
    'As many functions may run at once as the renders need that may run at once: those of `maxConcurrentRenders`, else the rows of a batch, ten by default.',
  permissions: [
    'lambda:GetFunctionConcurrency',
    'lambda:GetAccountSettings',
    'states:ListStateMachines',
    'states:DescribeStateMachine',
  ],
  async run(facts) {
    const { functionNames, maxConcurrentRenders } = await facts.settings();
    const [FunctionName] = functionNames;
    const { ReservedConcurrentExecutions: reserved } = await facts.clients.lambda.send(
      new GetFunctionConcurrencyCommand({ FunctionName }),
    );
    const available = reserved ?? (await unreservedConcurrency(facts));
    const have = `${available} functions at once, ${reserved === undefined ? 'of the account' : 'reserved for the function'}`;
    const raise =
      reserved === undefined
        ? 'Raise the quota (npx remotion lambda quotas increase)'
        : 'Reserve more for the function';
    const fewer = 'give renders fewer functions (a higher framesPerLambda)';
    if (available <= QUOTA_OF_NEW_ACCOUNTS)
      return fail(`${have}: most renders need more`, `${raise}, or ${fewer}.`);
    const isBatch = maxConcurrentRenders === undefined && (await facts.batchDefinition()) !== undefined;
    const atOnce = maxConcurrentRenders ?? (isBatch ? ROWS_AT_ONCE : 1);
    const each = Math.floor(available / atOnce);
    const renders = `${atOnce} ${isBatch ? 'rows of a batch' : atOnce === 1 ? 'render' : 'renders'} at once`;
    if (each >= FUNCTIONS_OF_A_RENDER)
      return ok(`${have}, enough for ${renders} of ${FUNCTIONS_OF_A_RENDER} each`);
    return warn(
      `${have}: ${each} for each of ${renders}, and Remotion may take ${FUNCTIONS_OF_A_RENDER}`,
      `${raise}, set ${maxConcurrentRenders ? 'a lower maxConcurrentRenders' : 'maxConcurrentRenders'}, or ${fewer}.`,
    );
  },
};

/** What is left of the account's quota beside what is reserved for functions. */
async function unreservedConcurrency({ clients: { lambda } }: WorkflowFacts): Promise<number> {
  const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
  return AccountLimit?.UnreservedConcurrentExecutions ?? AccountLimit?.ConcurrentExecutions ?? 0;
}
