import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { describeAwsProblem, isAwsProblem } from './aws-problem.ts';
import { batchCommand } from './batch-command.ts';
import { batchRetryCommand } from './batch-retry-command.ts';
import { batchStatusCommand } from './batch-status-command.ts';
import { batchStopCommand } from './batch-stop-command.ts';
import { consoleCommand } from './console-command.ts';
import { createDisplay, type Display } from './display.ts';
import { doctorCommand } from './doctor-command.ts';
import { listCommand } from './list-command.ts';
import { renderCommand } from './render-command.ts';
import { statusCommand } from './status-command.ts';
import { stopCommand } from './stop-command.ts';
import { UsageError } from './usage-error.ts';

const NOTES = `
Credentials come from where the AWS CLI and SDKs have them (AWS_PROFILE, the
environment, a role). AWS_ENDPOINT_URL leads to another endpoint, such as that
of "npm run local". Without --state-machine-arn and STATE_MACHINE_ARN the state
machine with "RenderWorkflow" in its name is used, which takes the permission
states:ListStateMachines.

Exit status: 0 done; 1 the execution failed, or AWS refused; 2 the command or
its file cannot be used, nothing was started; 130 ended by Ctrl-C.`;

const EXECUTION = 'its ARN or its name';
const BATCH = 'its id, or the ARN or name of its execution';

const OTHER_COMMANDS = `
On this machine, without AWS (each has --help):
  start                          one render through the whole workflow
  local                          the workflow for the AWS CLI, SDKs and these commands

For the CDK:
  app                            the app: npx cdk deploy --app 'npx remotion-step-functions app'
`;

/** Runs the command remotion-step-functions. Returns the exit status. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const display = createDisplay();
  let status = 0;
  const program = createProgram(display, (result) => {
    status = result;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    display.pause();
    // Commander has said what is wrong, or has given the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return explain(error as Error, display);
  }
}

function createProgram(display: Display, ended: (status: number) => void): Command {
  const program = new Command('remotion-step-functions')
    .description('Starts renders of the render workflow and watches them.')
    .exitOverride()
    // What comes after the name of a command is that command's: "batch" has options and commands.
    .enablePositionalOptions()
    .showHelpAfterError('(--help lists the options)')
    .addHelpText('after', OTHER_COMMANDS + NOTES);
  const statuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];
  program
    .command('render')
    .description('Start a render, watch it, say where the video is')
    .requiredOption('--request <file>', 'the request, JSON')
    .option('--download <file>', 'fetch the video; a folder, if it is one or ends with a slash')
    .option('--detach', 'only start it')
    .action(async (options) => ended(await renderCommand(options, display)));
  program
    .command('status')
    .description('Show a render, the newest if none is named')
    .argument('[execution]', EXECUTION)
    .option('--watch', 'until it ends')
    .option('--download <file>', 'fetch the video when it is finished')
    .action(async (execution, options) => ended(await statusCommand(execution, options, display)));
  program
    .command('stop')
    .description('Stop a render; its work on Lambda is cancelled')
    .argument('<execution>', EXECUTION)
    .action(async (execution, options) => ended(await stopCommand(execution, options, display)));
  program
    .command('list')
    .description('List the newest renders')
    .addOption(new Option('--limit <n>', 'how many at most').default(10).argParser(parsePositiveInteger))
    .addOption(new Option('--status <status>', 'only those').choices(statuses))
    .option('--waiting', 'only those that wait for their turn, in its order')
    .action(async (options) => ended(await listCommand(options, display)));
  program
    .command('console')
    .description('Serve a page to watch renders in a browser, on this computer alone')
    .addOption(new Option('--port <port>', '0 for any free one').default(4567).argParser(parsePort))
    .action(async (options) => ended(await consoleCommand(options, display)));
  program
    .command('doctor')
    .description('Look whether renders can work, and say what to do where not')
    .option('--composition <id>', 'look for it in the default site, instead of for any')
    .option('--props <file>', 'input props for it, JSON')
    .option('--render', 'also render one frame, and say what it has cost')
    .action(async (options) => ended(await doctorCommand(options, display)));
  addBatchCommand(program, display, ended);
  for (const command of program.commands.flatMap((each) => [each, ...each.commands])) {
    command
      .option('--json', 'print one JSON document on stdout, all else on stderr')
      .option('--state-machine-arn <arn>', 'the render workflow; also STATE_MACHINE_ARN')
      .option('--region <region>', 'where it is; also AWS_REGION, or the profile')
      .addHelpText('after', NOTES);
  }
  return program;
}

function addBatchCommand(program: Command, display: Display, ended: (status: number) => void): void {
  const batch = program
    .command('batch')
    .description('Render a table, a video of each row')
    .option('--rows <file>', 'the table: .csv with a header, .jsonl or .json')
    .option('--request <file>', 'the template of a request, JSON; without it each row is a whole request')
    .option('--batch-id <id>', 'names the batch; default: of the contents of both files')
    .option('--dry-run', 'only check the rows, and say what to expect')
    .option('--sample <n>', 'render so many rows first, say what to expect, and ask', parsePositiveInteger)
    .option('--max-concurrent <n>', 'rows that render at once', parsePositiveInteger)
    .option('--max-cost <usd>', 'what the batch may cost', parseAmount)
    .addOption(
      new Option('--stopping <how>', 'what becomes of rows that render when that is spent').choices([
        'finish-running',
        'cancel-running',
      ]),
    )
    .option('--tolerated-failure-percentage <n>', 'share of the rows that may fail', parsePercentage)
    .option('--download <folder>', 'fetch the videos at the end')
    .option('--detach', 'only start it')
    .option('--resume [batch]', `watch one again, by ${BATCH}; default: that of the files, or the newest`)
    .action(async (options) => ended(await batchCommand(options, display)));
  batch
    .command('status')
    .description('Show a batch, the newest if none is named')
    .argument('[execution]', BATCH)
    .option('--watch', 'until it ends')
    .option('--download <folder>', 'fetch the videos at the end')
    .action(async (execution, options) => ended(await batchStatusCommand(execution, options, display)));
  batch
    .command('stop')
    .description('Stop a batch and cancel its renders')
    .argument('<execution>', BATCH)
    .option('--finish-running', 'let rows that are rendering finish')
    .action(async (execution, options) => ended(await batchStopCommand(execution, options, display)));
  batch
    .command('retry')
    .description('Render the rows of a batch that have no video; of the newest if none is named')
    .argument('[execution]', BATCH)
    .option('--download <folder>', 'fetch the videos at the end')
    .action(async (execution, options) => ended(await batchRetryCommand(execution, options, display)));
}

function parseAmount(value: string): number {
  if (Number(value) > 0) return Number(value);
  throw new InvalidArgumentError('Expected a number of USD greater than 0.');
}

function parsePercentage(value: string): number {
  if (value.trim() !== '' && Number(value) >= 0 && Number(value) <= 100) return Number(value);
  throw new InvalidArgumentError('Expected a number from 0 to 100.');
}

function parsePositiveInteger(value: string): number {
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('Expected a number from 1.');
}

function parsePort(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  throw new InvalidArgumentError('Expected a number from 0 to 65535.');
}

function explain(error: Error, display: Display): number {
  if (error instanceof UsageError) {
    display.failed(indented(error.message));
    return 2;
  }
  const text = isAwsProblem(error) ? describeAwsProblem(error) : (error.stack ?? error.message);
  display.failed(indented(text));
  return 1;
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
