import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createRenderClients } from '../cli/render-clients.ts';
import { deleteBucket, makeBucket } from '../proof/aws/buckets.ts';
import { EXPECTED_COST_IN_USD } from '../proof/aws/costs.ts';
import { deployStack, destroyStack } from '../proof/aws/deploy-stack.ts';
import { printResults } from '../proof/aws/print-results.ts';
import { runScenarios, SCENARIOS } from '../proof/aws/run-scenarios.ts';
import { Verification } from '../proof/aws/verification.ts';
import { VERIFICATION_CONTEXT, VERIFICATION_STACK } from '../proof/aws/verification-context.ts';

const USAGE = `Tries the workflow on your AWS account, with the credentials of the shell, and removes everything again.

  npm run verify:aws                      says what it will do, and does nothing
  npm run verify:aws -- --yes             does it
    --region REGION                       default: AWS_REGION
    --other-region REGION                 also copies a video into a bucket there
    --encrypted                           the state machine has a KMS key of its own
    --only TEXT                           the scenarios whose name has the text in it
    --keep                                leaves the stack, to look at it`;

const { values } = parseArgs({
  options: {
    yes: { type: 'boolean', default: false },
    region: { type: 'string', default: process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? '' },
    'other-region': { type: 'string' },
    encrypted: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const status = values.help ? tell(USAGE, 0) : await main();
process.exitCode ||= status;

function tell(text: string, status: number): number {
  console.log(text);
  return status;
}

async function main(): Promise<number> {
  const { region, 'other-region': otherRegion } = values;
  const scenarios = SCENARIOS.filter(({ name }) => name.includes(values.only));
  if (scenarios.length === 0) return tell(`No scenario has ${JSON.stringify(values.only)} in its name.`, 2);
  if (!values.yes) {
    const names = scenarios.map(({ name }) => `  - ${name}`).join('\n');
    return tell(
      `${USAGE}\n\nIt deploys the stack ${VERIFICATION_STACK} and tries:\n${names}\n\nThat takes about half an hour and costs some $${EXPECTED_COST_IN_USD.toFixed(2)}, under $1 in any case.`,
      0,
    );
  }
  if (process.env.AWS_ENDPOINT_URL)
    return tell('AWS_ENDPOINT_URL is set, and this is about AWS: unset it.', 2);
  if (!region) return tell('Give a region: --region, or AWS_REGION.', 2);
  const otherBucketName = otherRegion && `remotion-verification-${randomUUID().slice(0, 13)}`;
  const context = {
    ...VERIFICATION_CONTEXT,
    ...(otherBucketName && { otherDestinationBucketNames: otherBucketName }),
    ...(values.encrypted && { encrypted: 'true' }),
  };
  const other = otherRegion && createRenderClients({ region: otherRegion }).s3;
  const interrupted = new AbortController();
  process.on('SIGINT', () => interrupted.abort());
  let outputs: Record<string, string> = {};
  try {
    if (other && otherBucketName) await makeBucket(other, otherBucketName);
    outputs = await deployStack(region, context);
    const on = new Verification({
      settings: { region },
      outputs,
      ...(otherBucketName && { otherBucketName }),
    });
    const results = await runScenarios(
      on,
      scenarios,
      ({ status, name, seen }) => console.log(`${status.padEnd(8)}${name}: ${seen}`),
      interrupted.signal,
    );
    const [, , , , account = ''] = outputs.StateMachineArn?.split(':') ?? [];
    const secrets = [...bucketsOf(outputs), ...(otherBucketName ? [otherBucketName] : []), account];
    console.log(`\n${printResults(results, on, secrets.filter(Boolean))}`);
    return results.length === scenarios.length && results.every(({ status }) => status !== 'failed') ? 0 : 1;
  } catch (error) {
    console.error(`✖ ${(error as Error).message}`);
    return 1;
  } finally {
    if (values.keep)
      console.log(
        `Left: the stack ${VERIFICATION_STACK}${otherBucketName ? ` and the bucket ${otherBucketName}` : ''}.`,
      );
    else {
      const { s3 } = createRenderClients({ region });
      await remove(`the stack ${VERIFICATION_STACK}`, () => destroyStack(region, context));
      for (const bucket of bucketsOf(outputs))
        await remove(`the bucket ${bucket}`, () => deleteBucket(s3, bucket));
      if (other && otherBucketName)
        await remove(`the bucket ${otherBucketName}`, () => deleteBucket(other, otherBucketName));
    }
  }
}

/** Removes something, and says whether that was possible. */
async function remove(what: string, by: () => Promise<void>): Promise<void> {
  try {
    await by();
    console.log(`Removed: ${what}`);
  } catch (error) {
    process.exitCode = 1;
    console.error(`✖ Left: ${what}. ${(error as Error).message}`);
  }
}

/** What the stack keeps when it is deleted. */
function bucketsOf({ DestinationBucketName, RemotionBucketName }: Record<string, string>): string[] {
  return [DestinationBucketName, RemotionBucketName].filter((name) => name !== undefined);
}
