import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { LOCAL_REGION } from '../../local/aws.ts';
import { synthesize } from '../../local/cloud-assembly/synthesize.ts';
import { EVERY_WAY_IN } from '../../local/describe-ways-in.ts';
import type { Credentials } from '../../local/iam/access-control.ts';
import { ADMINISTRATOR } from '../../local/launch.ts';
import type { ExplainedPolicies } from '../../permissions/explained-statement.ts';
import { readPolicies } from '../../permissions/read-policies.ts';
import type { FaultKind, ObservedCall } from '../faults/fault-kind.ts';
import {
  type FaultMachine,
  NOTHING_HAPPENS,
  startFaultMachine,
  synthesizedForFaults,
} from '../faults/fault-machine.ts';

/** The app whose queue gets the workflow's events. */
const CONSUMER = join(import.meta.dirname, '..', '..', 'examples', 'render-events-consumer', 'app.ts');

/** More than a run can leave behind in places when a grant is taken away. */
export const MOST_RENDERS = 500;

/** Clients of the services, whose calls are one caller's. */
export interface Clients {
  readonly s3: S3Client;
  readonly lambda: LambdaClient;
  readonly sfn: SFNClient;
  readonly events: EventBridgeClient;
  readonly sqs: SQSClient;
}

/** The stack with every way in, a scripted Remotion and its policies enforced, on virtual time. */
export interface ProofMachine extends Omit<FaultMachine, 's3'> {
  readonly policies: ExplainedPolicies;
  /** Name of the function that the scripted Remotion stands for. */
  readonly remotionFunction: string;
  /** Prefix of the claims of the stack's workflow. */
  readonly jobsPrefix: string;
  /** Prefix of the register and the tickets of the stack's workflow. */
  readonly turnsPrefix: string;
  /** As the administrator. */
  readonly administrator: Clients;
  clientsOf(credentials: Pick<Credentials, 'accessKeyId' | 'secretAccessKey'>): Clients;
  /** Runs something while calls go wrong. */
  withFaults<T>(faults: (call: ObservedCall) => FaultKind | undefined, run: () => Promise<T>): Promise<T>;
}

/** Synthesizes the stack and starts it. Puts this process on virtual time for good. */
export async function startProofMachine(): Promise<ProofMachine> {
  const consumer = mkdtempSync(join(tmpdir(), 'permissions-'));
  const [assembly] = await Promise.all([
    synthesizedForFaults({ ...EVERY_WAY_IN, maxConcurrentRenders: String(MOST_RENDERS) }),
    synthesize(consumer, {}, CONSUMER),
  ]);
  const policies = readPolicies(assembly);
  const machine = await startFaultMachine({ assembly, beside: [consumer] });
  // Queues carry the address of the services in theirs.
  const endpoint = new URL(machine.stack.queues[0]?.url ?? '').origin;
  const clientsOf: ProofMachine['clientsOf'] = (credentials) => {
    const config = { endpoint, region: LOCAL_REGION, credentials, maxAttempts: 1 };
    return {
      s3: new S3Client(config),
      lambda: new LambdaClient(config),
      sfn: new SFNClient(config),
      events: new EventBridgeClient(config),
      sqs: new SQSClient(config),
    };
  };
  const setting = (name: string) =>
    machine.stack.functions
      .map(({ environment }) => environment[name])
      .find((value) => value !== undefined) as string;
  return {
    ...machine,
    policies,
    remotionFunction: setting('REMOTION_FUNCTION_NAME'),
    jobsPrefix: setting('JOBS_PREFIX'),
    turnsPrefix: setting('TURNS_PREFIX'),
    administrator: clientsOf(ADMINISTRATOR),
    clientsOf,
    async withFaults(faults, run) {
      machine.happenings.fault = faults;
      try {
        return await run();
      } finally {
        machine.happenings.fault = NOTHING_HAPPENS.fault;
      }
    },
    async stop() {
      await machine.stop();
      rmSync(consumer, { recursive: true, force: true });
    },
  };
}
