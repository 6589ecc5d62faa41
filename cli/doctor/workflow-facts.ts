import { type FunctionConfiguration, GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { DescribeStateMachineCommand, type DescribeStateMachineOutput } from '@aws-sdk/client-sfn';
import type { AwsRegion } from '@remotion/lambda/client';
import { siteUrl } from '../../statemachine/site-url.ts';
import { batchMachineOf } from '../batch-machine.ts';
import { type ConnectOptions, machineArn } from '../connect.ts';
import type { DoctorClients } from './doctor-clients.ts';
import { NotAsked } from './not-asked.ts';

/** Options of the doctor. */
export interface DoctorOptions extends ConnectOptions {
  /** The composition to look for, and to render a frame of. @default the first of the site */
  readonly composition?: string;
  /** What the site, and the frame, is given. @default none: the compositions' default props */
  readonly inputProps?: Record<string, unknown>;
}

/** The settings of a workflow, as the environments of its functions have them. */
export interface WorkflowSettings {
  /** Undefined of a workflow that is older than the doctor. */
  readonly workflowVersion: string | undefined;
  /** Version of the Remotion client that StartRender has; undefined of an older workflow. */
  readonly clientVersion: string | undefined;
  /** The Remotion function of requests that choose no size, then those of other sizes. */
  readonly functionNames: readonly [string, ...string[]];
  readonly bucketName: string;
  /** Prefix of the keys of the workflow's claims in that bucket. */
  readonly jobsPrefix: string;
  /** Prefix of the keys of the register of turns, of the tickets and of what the sweep keeps. */
  readonly turnsPrefix: string;
  /** Names, the default first. */
  readonly destinations: readonly string[];
  /** Account ids by the names of destination buckets, where they are known. */
  readonly destinationOwners: Readonly<Record<string, string>>;
  /** URL of the site of requests that name none. */
  readonly defaultSite: string | undefined;
  /** Folders below `sites/` in the Remotion bucket that the stack has made. */
  readonly siteFolders: readonly string[];
  /** Whether the stack has made the Remotion function, too. */
  readonly hasRenderer: boolean;
  /** Value of the dimension `service` of the workflow's metrics. */
  readonly serviceName: string;
  readonly licenseKey: string | undefined;
  /** Renders at once; undefined where nothing limits them. */
  readonly maxConcurrentRenders: number | undefined;
}

type Environment = Readonly<Record<string, string>>;

/** What is known of the workflow: everything is asked for once, when the first check wants it. */
export class WorkflowFacts {
  readonly clients: DoctorClients;
  readonly options: DoctorOptions;
  readonly #known = new Map<string, Promise<unknown>>();

  constructor(clients: DoctorClients, options: DoctorOptions) {
    this.clients = clients;
    this.options = options;
  }

  /** An endpoint of one's own instead of AWS's. */
  get endpoint(): string | undefined {
    return process.env.AWS_ENDPOINT_URL || undefined;
  }

  /** @throws UsageError when no machine is named and none, or more than one, is there */
  machineArn(): Promise<string> {
    return this.#once('machineArn', () => machineArn(this.clients, this.options));
  }

  machine(): Promise<DescribeStateMachineOutput & { readonly definition: string }> {
    return this.#once('machine', async () => {
      const stateMachineArn = await this.machineArn();
      const described = await this.clients.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
      return { ...described, definition: described.definition ?? '{}' };
    });
  }

  /** The definition of the state machine of batches that render with this one; undefined where there is none. */
  batchDefinition(): Promise<string | undefined> {
    return this.#once('batchDefinition', async () => {
      const machine = await batchMachineOf(this.clients.sfn, await this.machineArn());
      return machine?.definition;
    });
  }

  async place(): Promise<{ readonly region: AwsRegion; readonly account: string }> {
    const [, , , region = '', account = ''] = (await this.machineArn()).split(':');
    return { region: region as AwsRegion, account };
  }

  /** ARNs of the functions that the definition invokes, by the names of their states. */
  stepArns(): Promise<Readonly<Record<string, string>>> {
    return this.#once('stepArns', async () => functionsIn(JSON.parse((await this.machine()).definition)));
  }

  /** @throws NotAsked when the definition has no such step; errors of the SDK, such as `ResourceNotFoundException` */
  async step(name: string): Promise<FunctionConfiguration> {
    const arn = (await this.stepArns())[name];
    if (arn === undefined) throw new NotAsked(`the state machine has no step ${name}`);
    return this.functionConfiguration(arn);
  }

  /** @throws Error `ResourceNotFoundException` of the SDK */
  functionConfiguration(nameOrArn: string): Promise<FunctionConfiguration> {
    return this.#once(nameOrArn, () =>
      this.clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: nameOrArn })),
    );
  }

  settings(): Promise<WorkflowSettings> {
    return this.#once('settings', async () => {
      const environment = await this.environment('StartRender');
      return readSettings(environment, (await this.place()).region);
    });
  }

  async environment(step: string): Promise<Environment> {
    return (await this.step(step)).Environment?.Variables ?? {};
  }

  /** Remotion's client, loaded when it is needed: it is large. */
  remotion(): Promise<typeof import('@remotion/lambda/client')> {
    // It looks for keys in the environment alone, and the SDK finds those of roles and sign-ins, too.
    process.env.REMOTION_SKIP_AWS_CREDENTIALS_CHECK = '1';
    return this.#once('remotion', () => import('@remotion/lambda/client'));
  }

  /** @throws NotAsked when the stack has none */
  async defaultSite(): Promise<string> {
    const { defaultSite } = await this.settings();
    if (defaultSite) return defaultSite;
    throw new NotAsked('the stack has no defaultServeUrl: every request names its site');
  }

  /**
   * The compositions of the default site, as Remotion's function finds them in it.
   *
   * @throws NotAsked when there is no default site; Error with what Remotion says
   */
  compositions(): Promise<readonly { readonly id: string }[]> {
    return this.#once('compositions', async () => {
      const [{ getCompositionsOnLambda }, { region }, settings] = await Promise.all([
        this.remotion(),
        this.place(),
        this.settings(),
      ]);
      const { functionNames, bucketName } = settings;
      return getCompositionsOnLambda({
        region,
        functionName: functionNames[0],
        forceBucketName: bucketName,
        serveUrl: await this.defaultSite(),
        inputProps: this.options.inputProps ?? {},
        // Without any the client of 4.0.527 throws a TypeError.
        envVariables: {},
        logLevel: 'error',
      });
    });
  }

  /** The result of `find`, which is called once for the key. */
  #once<T>(key: string, find: () => Promise<T>): Promise<T> {
    const known = this.#known.get(key) ?? find();
    this.#known.set(key, known);
    return known as Promise<T>;
  }
}

function readSettings(environment: Environment, region: string): WorkflowSettings {
  const {
    REMOTION_FUNCTION_NAME = '',
    REMOTION_BUCKET_NAME = '',
    DEFAULT_SERVE_URL,
    SITES_URL,
  } = environment;
  const folders: Record<string, string> = JSON.parse(environment.SITE_FOLDERS ?? '{}');
  const others: Record<string, string> = JSON.parse(environment.OTHER_REMOTION_FUNCTIONS ?? '{}');
  // Where Remotion's own command puts its sites.
  const url = SITES_URL ?? `https://${REMOTION_BUCKET_NAME}.s3.${region}.amazonaws.com/sites`;
  return {
    workflowVersion: environment.WORKFLOW_VERSION,
    clientVersion: environment.REMOTION_CLIENT_VERSION,
    functionNames: [REMOTION_FUNCTION_NAME, ...Object.values(others)],
    bucketName: REMOTION_BUCKET_NAME,
    jobsPrefix: environment.JOBS_PREFIX ?? '',
    // Beside the jobs, as `stacks/remotion-resources.ts` has it.
    turnsPrefix: (environment.JOBS_PREFIX ?? '').replace(/jobs\/$/, 'turns/'),
    destinations: (environment.DESTINATION_BUCKET_NAMES ?? '').split(',').filter(Boolean),
    destinationOwners: pairs(environment.DESTINATION_BUCKET_OWNERS),
    defaultSite: DEFAULT_SERVE_URL && siteUrl(DEFAULT_SERVE_URL, { url, folders }),
    siteFolders: Object.values(folders),
    hasRenderer: SITES_URL !== undefined,
    serviceName: environment.POWERTOOLS_SERVICE_NAME ?? '',
    licenseKey: environment.REMOTION_LICENSE_KEY,
    maxConcurrentRenders: environment.MAX_CONCURRENT_RENDERS
      ? Number(environment.MAX_CONCURRENT_RENDERS)
      : undefined,
  };
}

/** Of `name=value`, with commas between them. */
export function pairs(text = ''): Record<string, string> {
  return Object.fromEntries(
    text
      .split(',')
      .filter(Boolean)
      .map((pair) => pair.split('=', 2) as [string, string]),
  );
}

/** ARNs of the functions that a definition invokes by the names of their states, also of those inside of a Map. */
export function functionsIn(value: unknown, found: Record<string, string> = {}): Record<string, string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [name, child] of Object.entries(value)) {
    const arn = (child as { Arguments?: { FunctionName?: string } } | null)?.Arguments?.FunctionName;
    if (arn !== undefined) found[name] = arn;
    functionsIn(child, found);
  }
  return found;
}
