import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../stacks/bundling/cache-folder.ts';
import { LOCAL_REGION } from './aws.ts';
import type { LocalStack } from './cloud-assembly/local-stack.ts';
import { readCloudAssembly } from './cloud-assembly/read-cloud-assembly.ts';
import { synthesizedApp } from './cloud-assembly/synthesize.ts';
import { withStacks } from './cloud-assembly/with-stacks.ts';
import { EVERY_WAY_IN } from './describe-ways-in.ts';
import { type Gateway, type Interceptor, startGateway } from './gateway.ts';
import { type OneMachine, startOneMachine } from './one-machine.ts';
import { findChromium } from './remotion/chromium.ts';
import { remotionFunction } from './remotion/remotion-function.ts';
import type { InvocationInterceptor } from './stepfunctions/invoke-as.ts';

export interface LaunchOptions {
  /** Port of the endpoint. @default 0, any free one */
  readonly port?: number;
  /** Further values of the CDK context. */
  readonly context?: Readonly<Record<string, string>>;
  /** Cloud assemblies of further stacks, which run on this machine too. */
  readonly beside?: readonly string[];
  /** Synthesizes an app with these context values. @default the app of this project, kept in the cache folder */
  readonly synthesizeApp?: (context: Readonly<Record<string, unknown>>) => Promise<string>;
  /** Told what is being done, for a person who waits. */
  readonly working?: (what: string) => void;
  /** Stands between IAM and the services. */
  readonly intercept?: Interceptor;
  /** Stands between the state machines and their functions. */
  readonly interceptInvocation?: InvocationInterceptor;
}

/** The app's stack, running on this machine with the example's site. */
export interface Launched extends OneMachine {
  readonly endpoint: string;
  readonly stack: LocalStack;
  /** URL of the example's site. */
  readonly siteUrl: string;
  readonly remotionBucketName: string;
  /** What an SDK client needs to call the endpoint as the administrator. */
  readonly clientConfig: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** File with what the functions print. */
  readonly logFile: string;
  /** Folder of the stack's cloud assembly. */
  readonly assembly: string;
  /** Lets a handler answer all that is asked at a path of the endpoint and below it. */
  readonly mount: Gateway['mount'];
}

/** Credentials that the gateway takes for the administrator's: any that it has not issued itself. */
export const ADMINISTRATOR = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Synthesizes the app with every way in, starts it on this machine and has the example's site uploaded. */
export async function launch({
  port = 0,
  context = {},
  beside = [],
  synthesizeApp = synthesizedApp,
  working = () => {},
  intercept,
  interceptInvocation,
}: LaunchOptions = {}): Promise<Launched> {
  const gateway = await startGateway({ port });
  const runFolder = newRunFolder();
  let stop = () => gateway.stop();
  try {
    working('Synthesizing the stack, bundling the example (takes longer the first time)');
    const [chromium, assembly] = await Promise.all([
      findChromium(),
      // Somebody watches, and state transitions cost nothing here.
      synthesizeApp({ ...EVERY_WAY_IN, maxSecondsBetweenUpdates: '5', ...context }),
    ]);
    const { endpoint } = gateway;
    const stack = withStacks(
      readCloudAssembly(assembly, { endpoint }),
      beside.map((directory) => readCloudAssembly(directory, { endpoint })),
    );
    const logFile = join(runFolder, 'functions.log');
    writeFileSync(logFile, '');
    const machine = await startOneMachine({
      gateway,
      stack,
      remotionFunction: remotionFunction(chromium),
      log: (source, line) => appendFileSync(logFile, `${source}: ${line}\n`),
      ...(intercept && { intercept }),
      ...(interceptInvocation && { interceptInvocation }),
    });
    const clientConfig = { endpoint: gateway.endpoint, region: LOCAL_REGION, credentials: ADMINISTRATOR };
    stop = machine.stop;
    await machine.deploy();
    return {
      ...machine,
      endpoint: gateway.endpoint,
      stack,
      siteUrl: stack.outputs.SiteUrl ?? '',
      remotionBucketName: stack.outputs.RemotionBucketName ?? '',
      clientConfig,
      logFile,
      assembly,
      mount: gateway.mount,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const ONE_DAY_IN_MS = 24 * 60 * 60 * 1000;

/** A folder for one run's logs; those of earlier days go. */
function newRunFolder(): string {
  const runs = join(cacheFolder(), 'runs');
  mkdirSync(runs, { recursive: true });
  for (const name of readdirSync(runs)) {
    const folder = join(runs, name);
    const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > ONE_DAY_IN_MS) rmSync(folder, { recursive: true, force: true });
  }
  return mkdtempSync(join(runs, 'run-'));
}
