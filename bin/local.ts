import { parseArgs } from 'node:util';
import { parseContextValues } from '../cli/context-values.ts';
import { createDisplay } from '../cli/display.ts';
import { UsageError } from '../cli/usage-error.ts';
import { LOCAL_REGION } from '../local/aws.ts';
import { describeWaysIn, exportWaysIn } from '../local/describe-ways-in.ts';
import { ADMINISTRATOR, type Launched } from '../local/launch.ts';
import { launchWithConsole } from '../proof/console/launch-with-console.ts';

const USAGE = `Runs the stack on this machine until Ctrl-C, for the AWS CLI and SDKs.

  npm run local                  on port 4566
  npm run local -- --port PORT   on another port of 127.0.0.1; 0 for any free one
  npm run local -- -c NAME=VALUE  a setting of the stack, as of "npx cdk deploy": -c site=src/index.ts

Where the package is installed, "npx remotion-step-functions local" stands for "npm run local --".`;

const display = createDisplay();

function parseOptions(argv: readonly string[]) {
  let values: { port?: string; context?: string[]; help?: boolean };
  try {
    values = parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string' },
        context: { type: 'string', short: 'c', multiple: true },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (values.help) return undefined;
  const port = values.port ?? '4566';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`--port is ${JSON.stringify(port)}; expected a number from 0 to 65535.`);
  }
  return { port: Number(port), context: parseContextValues(values.context) };
}

function describeUse({ endpoint, stack, logFile }: Launched): string {
  const { EventBusName, DestinationBucketName } = stack.outputs;
  return `
export AWS_ENDPOINT_URL=${endpoint}
export AWS_REGION=${LOCAL_REGION} AWS_DEFAULT_REGION=${LOCAL_REGION}
export AWS_ACCESS_KEY_ID=${ADMINISTRATOR.accessKeyId} AWS_SECRET_ACCESS_KEY=${ADMINISTRATOR.secretAccessKey} AWS_SESSION_TOKEN=local
${exportWaysIn(stack.outputs)}

${describeWaysIn()}

# Watch it, and fetch the video:
aws stepfunctions list-executions --state-machine-arn "$STATE_MACHINE_ARN"
aws stepfunctions describe-execution --execution-arn <executionArn>
aws stepfunctions get-execution-history --execution-arn <executionArn>
aws s3 ls --recursive s3://${DestinationBucketName}
aws s3 cp --recursive s3://${DestinationBucketName} out

# The event bus is ${EventBusName}; what the functions print goes to ${logFile}
# Ctrl-C ends it all.`;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (!options) {
    console.log(USAGE);
  } else {
    const machine = await launchWithConsole({ ...options, working: display.working });
    const stop = async () => {
      display.working('Stopping');
      await machine.stop();
      display.done('Stopped; no process is left');
      process.exit(0);
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
    display.done(`The stack runs on this machine at ${machine.endpoint}`);
    display.note(`Watch renders at ${machine.consoleUrl}`);
    console.log(describeUse(machine));
  }
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exitCode = 2;
  } else {
    const { code, name, message, stack } = error as NodeJS.ErrnoException;
    const text = name === 'Error' ? (stack ?? message) : `${name}: ${message}`;
    display.failed(code === 'EADDRINUSE' ? `${message}; choose another --port` : text);
    process.exitCode = 1;
  }
}
