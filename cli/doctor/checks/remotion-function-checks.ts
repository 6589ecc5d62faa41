import {
  GetFunctionEventInvokeConfigCommand,
  GetRuntimeManagementConfigCommand,
} from '@aws-sdk/client-lambda';
import { type Check, type Finding, fail, ok, warn, worstOf } from '../check.ts';
import { dottedVersion, readFunctionName } from '../remotion-name.ts';
import type { WorkflowFacts, WorkflowSettings } from '../workflow-facts.ts';

/** Memory in MB that a new account can give a function. Source: https://www.remotion.dev/docs/lambda/troubleshooting */
const MEMORY_OF_NEW_ACCOUNTS = 3_008;

/** The oldest that Lambda still keeps up to date. Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const OLDEST_NODE = 22;

/** What Remotion's function of every version has. Source: `dist/shared/hosted-layers.js` of `@remotion/lambda` */
const NEEDED_LAYERS = ['remotion-binaries-chromium-arm64', 'remotion-binaries-fonts-arm64'];

/** How to get a function of Remotion that is as it has to be. */
function deployFunction({ hasRenderer }: WorkflowSettings): string {
  return hasRenderer
    ? 'Deploy the stack again (npx cdk deploy).'
    : "Deploy it with Remotion's command of the version in package.json (npx remotion lambda functions deploy), and the stack with its name.";
}

/** The finding of the check of each of the workflow's Remotion functions. */
async function ofEach(
  facts: WorkflowFacts,
  find: (name: string, settings: WorkflowSettings) => Promise<Finding> | Finding,
): Promise<Finding> {
  const settings = await facts.settings();
  return worstOf(await Promise.all(settings.functionNames.map((name) => find(name, settings))));
}

/** Remotion's function: that it is there, and as Remotion's client expects it. */
export const remotionFunctionChecks: readonly Check[] = [
  {
    name: 'function-name',
    about: "Remotion can read version, size and timeout from the function's name.",
    permissions: [],
    run: (facts) =>
      ofEach(facts, (name, settings) => {
        const { clientVersion } = settings;
        const parsed = readFunctionName(name);
        if (!parsed)
          return fail(
            `${name} is no name such as remotion-render-4-0-527-mem2048mb-disk2048mb-240sec`,
            deployFunction(settings),
          );
        if (clientVersion !== undefined && dottedVersion(parsed.version) !== clientVersion)
          return fail(
            `${name}: the workflow's client is ${clientVersion}, which such a function refuses`,
            deployFunction(settings),
          );
        return ok(name);
      }),
  },
  {
    name: 'function',
    about:
      'The function is there, runs on arm64 and a runtime that is kept up to date, and has the size of its name.',
    permissions: ['lambda:GetFunctionConfiguration'],
    run: (facts) =>
      ofEach(facts, async (name, settings) => {
        const redeploy = deployFunction(settings);
        const fn = await facts.functionConfiguration(name).catch((error: Error) => {
          if (error.name === 'ResourceNotFoundException') return undefined;
          throw error;
        });
        const named = readFunctionName(name);
        if (!fn) return fail(`${name} is not there`, redeploy + ofMemory(named?.memory));
        const { State = 'Active', Architectures = ['x86_64'], Runtime = '' } = fn;
        if (!['Active', 'Inactive'].includes(State)) return fail(`${name} is ${State}`, redeploy);
        if (!Architectures.includes('arm64'))
          return fail(`it runs on ${Architectures}, and Remotion's Chromium on arm64`, redeploy);
        const size = { memory: fn.MemorySize, disk: fn.EphemeralStorage?.Size, timeout: fn.Timeout };
        if (
          named &&
          (size.memory !== named.memory || size.disk !== named.disk || size.timeout !== named.timeout)
        )
          return fail(
            `it has ${describeSize(size)}, which its name says otherwise: Remotion counts cost and time by the name`,
            'Give it the size of its name again, or deploy one of the size that you want.',
          );
        if (Number(/^nodejs(\d+)/.exec(Runtime)?.[1]) < OLDEST_NODE)
          return warn(`${Runtime} gets no updates any more`, redeploy);
        return ok(`arm64, ${Runtime}, ${describeSize(size)}`);
      }),
  },
  {
    name: 'runtime',
    about:
      "AWS does not change the function's runtime under it: it is pinned, as Remotion's command pins it.",
    permissions: ['lambda:GetRuntimeManagementConfig'],
    run: (facts) =>
      ofEach(facts, async (FunctionName, settings) => {
        const { UpdateRuntimeOn } = await facts.clients.lambda.send(
          new GetRuntimeManagementConfigCommand({ FunctionName }),
        );
        if (UpdateRuntimeOn === 'Manual') return ok('pinned to a version of it');
        return warn(
          `AWS may give it another version of ${(await facts.functionConfiguration(FunctionName)).Runtime} (${UpdateRuntimeOn})`,
          deployFunction(settings),
        );
      }),
  },
  {
    name: 'layers',
    about: "The function has Remotion's layers, with Chromium and fonts.",
    permissions: ['lambda:GetFunctionConfiguration'],
    run: (facts) =>
      ofEach(facts, async (name, settings) => {
        const { Layers = [] } = await facts.functionConfiguration(name);
        const missing = NEEDED_LAYERS.filter(
          (layer) => !Layers.some(({ Arn }) => Arn?.includes(`:${layer}:`)),
        );
        if (missing.length > 0) return fail(`without ${missing.join(' and ')}`, deployFunction(settings));
        return ok(`${Layers.length}, with Chromium and fonts`);
      }),
  },
  {
    name: 'retries',
    about: 'A launch that fails is not tried again by Lambda: that would render, and cost, again.',
    permissions: ['lambda:GetFunctionEventInvokeConfig'],
    run: (facts) =>
      ofEach(facts, async (name) => {
        const { MaximumRetryAttempts = 2 } = await facts.clients.lambda
          .send(new GetFunctionEventInvokeConfigCommand({ FunctionName: name }))
          .catch((error: Error) => {
            if (error.name === 'ResourceNotFoundException') return { MaximumRetryAttempts: 2 };
            throw error;
          });
        if (MaximumRetryAttempts === 0) return ok('a failed launch is not tried again');
        return fail(
          `a failed launch is tried ${MaximumRetryAttempts} times again, and each renders and costs`,
          `aws lambda put-function-event-invoke-config --maximum-retry-attempts 0 --function-name ${name}`,
        );
      }),
  },
  {
    name: 'remotion-version',
    about: "The function answers, and with the version of the workflow's client. Invokes it: some $0.000001.",
    permissions: ['lambda:InvokeFunction'],
    limitInSeconds: 60,
    async run(facts) {
      const { getFunctionVersion } = await facts.remotion();
      const { region } = await facts.place();
      return ofEach(facts, async (functionName, settings) => {
        const version = await getFunctionVersion({
          functionName,
          region,
          logLevel: 'error',
          requestHandler: null,
        });
        const { clientVersion = version } = settings;
        if (version === clientVersion) return ok(`function and client have ${version}`);
        return fail(
          `the function has ${version}, the workflow's client ${clientVersion}, which it refuses`,
          deployFunction(settings),
        );
      });
    },
  },
];

/** There is no API that tells the quota; what has been made is within it. */
function ofMemory(megabytes = 0): string {
  if (megabytes <= MEMORY_OF_NEW_ACCOUNTS) return '';
  return ` If Lambda refuses ${megabytes} MB: new accounts have ${MEMORY_OF_NEW_ACCOUNTS}, and AWS Support raises that.`;
}

interface Size {
  readonly memory: number | undefined;
  readonly disk: number | undefined;
  readonly timeout: number | undefined;
}

function describeSize({ memory, disk, timeout }: Size): string {
  return `${memory} MB of memory, ${disk} MB of disk, ${timeout} s`;
}
