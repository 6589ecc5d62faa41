import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsError } from '../../local/aws.ts';
import type { Interceptor } from '../../local/gateway.ts';
import { testMachine } from '../end-to-end/test-machine.ts';
import { finish } from '../finish.ts';

export const COMMAND = join(import.meta.dirname, '../../bin/remotion-step-functions.js');

/** The command and a machine that it is for, in a folder of its own, for the tests of one file. */
export function commandOnMachine() {
  const on = testMachine({ intercept });
  const folder = mkdtempSync(join(tmpdir(), 'command-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const command = {
    on,
    folder,
    /** An action that the caller's role lacks. */
    denied: undefined as string | undefined,
    /** Whether Lambda has no capacity for renders: executions then stay in StartRender. */
    throttled: false,
    environment,
    requestFile,
    start,
    run: (...args: string[]) => finish(start(args)),
  };

  function intercept(...[call, next]: Parameters<Interceptor>): ReturnType<Interceptor> {
    const { action, resource } = call.authorizations[0] ?? {};
    if (command.throttled && resource?.includes(':function:remotion-render-')) {
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    const isCaller = call.request.headers.authorization?.includes('Credential=local/');
    if (action === undefined || action !== command.denied || !isCaller) return next();
    throw new AwsError(
      'AccessDeniedException',
      `User: arn:aws:iam::123456789012:user/me is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    );
  }

  /** A shell of somebody who may use the machine and has nothing else of AWS. */
  function environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOME: folder,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: on.machine.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    };
  }

  function requestFile(name: string, request: unknown): string {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(request));
    return file;
  }

  function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(process.execPath, [COMMAND, ...args], { env: { ...environment(), ...env } });
  }

  return command;
}

/** Waits until a process has printed a text. */
export function shows(child: ChildProcess, wanted: string): Promise<void> {
  return new Promise((resolve) => {
    let shown = '';
    const look = (chunk: Buffer) => {
      shown += chunk;
      if (shown.includes(wanted)) resolve();
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
  });
}
