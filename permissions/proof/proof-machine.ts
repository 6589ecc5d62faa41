import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { LOCAL_REGION } from '../../local/aws.ts';
import { type FaultMachine, NOTHING_HAPPENS, startFaultMachine } from '../../local/faults/fault-machine.ts';
import type { FaultKind, ObservedCall } from '../../local/faults/fault-kind.ts';
import type { Credentials } from '../../local/iam/access-control.ts';
import { ADMINISTRATOR } from '../../local/launch.ts';

/** Clients of the services, whose calls are one caller's. */
export interface Clients {
  readonly s3: S3Client;
  readonly lambda: LambdaClient;
  readonly sfn: SFNClient;
  readonly events: EventBridgeClient;
  readonly sqs: SQSClient;
}

/** The stack with a scripted Remotion and its policies enforced, on virtual time. */
export interface ProofMachine extends Omit<FaultMachine, 's3'> {
  /** As the administrator. */
  readonly administrator: Clients;
  clientsOf(credentials: Pick<Credentials, 'accessKeyId' | 'secretAccessKey'>): Clients;
  /** Runs something while calls go wrong. */
  withFaults<T>(faults: (call: ObservedCall) => FaultKind | undefined, run: () => Promise<T>): Promise<T>;
}

/** Starts it. Puts this process on virtual time for good. */
export async function startProofMachine(
  log: (source: string, line: string) => void = () => {},
): Promise<ProofMachine> {
  const machine = await startFaultMachine({ log });
  const endpoint = await endpointOf(machine);
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
  return {
    ...machine,
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
  };
}

/** The address of the services, which queues carry in theirs. */
async function endpointOf({ stack }: FaultMachine): Promise<string> {
  return new URL(stack.queues[0]?.url ?? '').origin;
}
