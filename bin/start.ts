import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join, relative, sep } from 'node:path';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { createDisplay } from '../cli/display.ts';
import { createRenderClients } from '../cli/render-clients.ts';
import { startByEvent } from '../cli/start-by-event.ts';
import { startByRequest } from '../cli/start-execution.ts';
import { parseStartOptions, START_USAGE, type StartOptions } from '../cli/start-options.ts';
import { UsageError } from '../cli/usage-error.ts';
import { endDocument, showEnd, watchExecution } from '../cli/watch-execution.ts';
import type { Launched } from '../local/launch.ts';

const display = createDisplay();
let machine: Launched | undefined;
let executionArn: string | undefined;
let hasEnded = false;
const interruption = new AbortController();

async function main({ start, context, out, json, console: withPage }: StartOptions): Promise<void> {
  const begun = performance.now();
  // A command that cannot be understood is answered before all of this is loaded.
  const working = display.working;
  if (withPage) {
    const { launchWithConsole } = await import('../proof/console/launch-with-console.ts');
    const launched = await launchWithConsole({ context, working });
    machine = launched;
    display.note(`Watch it at ${launched.consoleUrl}`);
  } else {
    const { launch } = await import('../local/launch.ts');
    machine = await launch({ context, working });
  }
  const { clientConfig, stack } = machine;
  const clients = createRenderClients(clientConfig);
  const { sfn } = clients;
  const { StateMachineArn = '', EventBusName = '' } = stack.outputs;
  const setupInMs = Math.round(performance.now() - begun);
  display.done(`The stack runs on this machine (${(setupInMs / 1000).toFixed(1)} s)`);

  if ('batch' in start) {
    process.exitCode = await renderBatch(machine, start.batch, out, json);
    hasEnded = true;
    if (withPage) await staysWithPage();
    return;
  }
  executionArn =
    'event' in start
      ? await startByEvent(
          sfn,
          new EventBridgeClient(clientConfig),
          StateMachineArn,
          start.event,
          EventBusName,
        )
      : await startByRequest(sfn, StateMachineArn, start.input);
  const { signal } = interruption;
  const end = await watchExecution(clients, executionArn, { display, intervalInMs: 250, signal });
  const watched = await showEnd(clients, end, { display, target: `${out}${sep}`, signal });
  if (watched.end.status !== 'SUCCEEDED') {
    console.error(
      `  What the functions printed on this machine: ${relative(process.cwd(), machine.logFile)}`,
    );
    process.exitCode = 1;
  }
  if (json) {
    const { timings, ...ended } = endDocument(watched);
    const totalInMs = Math.round(performance.now() - begun);
    console.log(JSON.stringify({ ...ended, timings: { setupInMs, ...timings, totalInMs } }));
  }
  hasEnded = true;
  if (withPage) await staysWithPage();
}

async function staysWithPage(): Promise<void> {
  display.note('The page stays until Ctrl-C.');
  if (!interruption.signal.aborted) await once(interruption.signal, 'abort');
}

/** Renders the batch in a folder with the command. Returns the exit status. */
async function renderBatch(
  { clientConfig, stack }: Launched,
  folder: string,
  out: string,
  json: boolean,
): Promise<number> {
  const { endpoint, region, credentials } = clientConfig;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  const { batchCommand } = await import('../cli/batch-command.ts');
  const files = { rows: join(folder, 'rows.csv'), request: join(folder, 'template.json') };
  const { BatchStateMachineArn: stateMachineArn = '' } = stack.outputs;
  // Each row takes a processor.
  const options = { ...files, stateMachineArn, maxConcurrent: availableParallelism(), download: out, json };
  return batchCommand(options, display);
}

async function interrupt(): Promise<void> {
  // Once: npm passes the signal on to a process that has it from the terminal already.
  if (interruption.signal.aborted) return;
  interruption.abort();
  if (hasEnded) return;
  if (machine && executionArn) {
    const cause = 'Interrupted at the terminal.';
    await createRenderClients(machine.clientConfig)
      .sfn.send(new StopExecutionCommand({ executionArn, error: 'Interrupted', cause }))
      .catch(() => {});
  }
  await machine?.stop();
  display.failed('Interrupted; the execution was stopped.');
  process.exit(130);
}

try {
  const options = parseStartOptions(process.argv.slice(2));
  if (options.help) {
    console.log(START_USAGE);
  } else {
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    await main(options);
  }
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${START_USAGE}`);
    process.exitCode = 2;
  } else if (!interruption.signal.aborted) {
    const { name, message, stack } = error as Error;
    display.failed(name === 'Error' ? (stack ?? message) : `${name}: ${message}`);
    process.exitCode = 1;
  }
} finally {
  if (!interruption.signal.aborted || hasEnded) await machine?.stop();
}
