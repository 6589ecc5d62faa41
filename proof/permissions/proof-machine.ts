import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { EMPTY_REGISTER } from '../../functions/turns/register.ts';
import { LOCAL_REGION } from '../../local/aws.ts';
import { synthesize } from '../../local/cloud-assembly/synthesize.ts';
import { EVERY_WAY_IN } from '../../local/describe-ways-in.ts';
import type { Credentials } from '../../local/iam/access-control.ts';
import { ADMINISTRATOR } from '../../local/launch.ts';
import { readPolicies } from '../../permissions/read-policies.ts';
import type { FaultKind, ObservedCall } from '../faults/fault-kind.ts';
import {
  type FaultMachine,
  NOTHING_HAPPENS,
  REMOTION_BUCKET,
  startFaultMachine,
  synthesizedForFaults,
} from '../faults/fault-machine.ts';
import type { ProvableMachine } from './provable-machine.ts';

/** The app whose queue gets the workflow's events. */
const CONSUMER = join(import.meta.dirname, '..', '..', 'examples', 'render-events-consumer', 'app.ts');

/** More than a run can leave behind in places when a grant is taken away. */
export const MOST_RENDERS = 500;

/** To cancel renders and to give places back takes less, and so do the answers that a pipe waits for; of virtual time. */
const SETTLED_IN_MS = 150_000;

/** Clients of the services, whose calls are one caller's. */
export interface Clients {
  readonly s3: S3Client;
  readonly lambda: LambdaClient;
  readonly sfn: SFNClient;
  readonly events: EventBridgeClient;
  readonly sqs: SQSClient;
}

/** The stack with every way in, a scripted Remotion and its policies enforced, on virtual time. */
export interface ProofMachine extends Omit<FaultMachine, 's3'>, ProvableMachine {
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

type TurnsAccess = Pick<ProofMachine, 'administrator' | 'turnsPrefix'>;

/**
 * Takes all places and tickets away. There is a register all the same, as after the first render: who may not read it
 * could make it.
 */
export async function emptyTurns({ administrator, turnsPrefix }: TurnsAccess): Promise<void> {
  const Bucket = REMOTION_BUCKET;
  const Key = `${turnsPrefix}register.json`;
  const Body = JSON.stringify(EMPTY_REGISTER);
  await administrator.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  for (const ticket of await ticketKeys({ administrator, turnsPrefix }))
    await administrator.s3.send(new DeleteObjectCommand({ Bucket, Key: ticket }));
}

/** Keys of the tickets of who waits. */
export async function ticketKeys({ administrator, turnsPrefix }: TurnsAccess): Promise<string[]> {
  const { Contents = [] } = await administrator.s3.send(
    new ListObjectsV2Command({ Bucket: REMOTION_BUCKET, Prefix: `${turnsPrefix}waiting/` }),
  );
  return Contents.map(({ Key = '' }) => Key);
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
  const turnsPrefix = setting('TURNS_PREFIX');
  const administrator = clientsOf(ADMINISTRATOR);
  await emptyTurns({ administrator, turnsPrefix });
  return {
    ...machine,
    policies,
    async settle() {
      for (const execution of machine.stepFunctions.executions)
        if (execution.status === 'RUNNING') execution.stop('Stopped', 'Proof');
      await sleep(SETTLED_IN_MS);
      await emptyTurns({ administrator, turnsPrefix });
    },
    remotionFunction: setting('REMOTION_FUNCTION_NAME'),
    jobsPrefix: setting('JOBS_PREFIX'),
    turnsPrefix,
    administrator,
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
