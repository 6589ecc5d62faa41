import { type ConnectOptions, connect, machineArn } from './connect.ts';
import type { Display } from './display.ts';
import { prepareTarget } from './fetch-video.ts';
import { nameOf, regionOf } from './find-state-machine.ts';
import { readJsonFile } from './read-json-file.ts';
import { checkInputSize, startByRequest } from './start-execution.ts';
import { UsageError } from './usage-error.ts';
import { howToGoOn, watchCommand } from './watch-command.ts';

export interface RenderOptions extends ConnectOptions {
  readonly request: string;
  readonly download?: string;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** Starts a render and watches it. Returns the exit status. */
export async function renderCommand(options: RenderOptions, display: Display): Promise<number> {
  const { request, download, detach, json } = options;
  if (detach && download !== undefined) {
    throw new UsageError('--detach and --download cannot be used together: a video is fetched at the end.');
  }
  const input = readJsonFile('--request', request);
  checkInputSize('--request', request, input);
  if (download !== undefined) prepareTarget(download);
  const clients = connect(options);
  display.working('Starting');
  const stateMachineArn = await machineArn(clients, options);
  const begin = async () => {
    const executionArn = await startByRequest(clients.sfn, stateMachineArn, input);
    display.done(`Started ${nameOf(executionArn)} ${whereItIs(executionArn)}`);
    return executionArn;
  };
  if (!detach) return watchCommand(clients, begin, { display, ...options });
  const executionArn = await begin();
  display.note(howToGoOn(executionArn));
  if (json) console.log(JSON.stringify({ executionArn, status: 'RUNNING' }));
  return 0;
}

/** Where the execution is; on AWS with a link to its graph. */
function whereItIs(executionArn: string): string {
  const endpoint = process.env.AWS_ENDPOINT_URL;
  if (endpoint) return `at ${endpoint}`;
  const region = regionOf(executionArn);
  if (!executionArn.startsWith('arn:aws:')) return `in ${region}`;
  return `in ${region}\n  https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/${executionArn}`;
}
