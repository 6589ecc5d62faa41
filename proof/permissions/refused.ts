import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import {
  CopyObjectCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  SendTaskFailureCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { ExplainedPolicies } from '../../permissions/explained-statement.ts';
import { RENDER_CANCELLED, RENDER_EVENT_SOURCE, RENDER_REQUESTED } from '../../statemachine/contract.ts';
import { REMOTION_BUCKET } from '../faults/fault-machine.ts';
import type { Clients, ProofMachine } from './proof-machine.ts';

/** Something that roles must not be able to do. */
interface Attempt {
  readonly what: string;
  /** Roles whose step this is. */
  readonly except?: readonly string[];
  make(clients: Clients, target: Target): Promise<unknown>;
}

interface Target {
  readonly videos: string;
  readonly remotionFunction: string;
  readonly jobsPrefix: string;
  readonly turnsPrefix: string;
  readonly steps: readonly string[];
  readonly stateMachineArn: string;
  readonly queueUrl: string;
  readonly eventBus: string;
  readonly requestsUrl: string;
}

/** What came of an attempt of a role. */
export interface RefusedResult {
  readonly role: string;
  readonly what: string;
  /** Name of the error, or `allowed`. */
  readonly answer: string;
  readonly refused: boolean;
}

const read = (Bucket: string, Key: string) => (clients: Clients) =>
  clients.s3.send(new GetObjectCommand({ Bucket, Key }));
const write = (Bucket: string, Key: string) => (clients: Clients) =>
  clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
const list = (Bucket: string, Prefix?: string) => (clients: Clients) =>
  clients.s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
const remove = (Bucket: string, Key: string) => (clients: Clients) =>
  clients.s3.send(new DeleteObjectCommand({ Bucket, Key }));

const ofOther = (jobsPrefix: string) => jobsPrefix.replace('/jobs/', '-2/jobs/');

const publish =
  (Source: string, DetailType: string, bus?: string) =>
  ({ events }: Clients, { eventBus }: Target) => {
    const entry = { EventBusName: bus ?? eventBus, Source, DetailType, Detail: '{}' };
    return events.send(new PutEventsCommand({ Entries: [entry] }));
  };

/** An execution that is not there, as IAM looks at the name only. */
const executionOf = (stateMachineArn: string) =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:nobody`;

const ATTEMPTS: readonly Attempt[] = [
  { what: 'read another bucket', make: read('somebody-elses', 'secret.json') },
  { what: 'write to another bucket', make: write('somebody-elses', 'video.mp4') },
  { what: 'read another Remotion bucket', make: read('remotionlambda-useast1-other', 'renders/a/out.mp4') },
  { what: "read a site's files", make: read(REMOTION_BUCKET, 'sites/site/index.html') },
  { what: "change a site's files", make: write(REMOTION_BUCKET, 'sites/site/index.html') },
  {
    what: 'read input props',
    except: ['StartRender'],
    make: read(REMOTION_BUCKET, 'input-props/props.json'),
  },
  {
    what: 'write input props',
    except: ['StartRender'],
    make: write(REMOTION_BUCKET, 'input-props/props.json'),
  },
  { what: "change a render's output", make: write(REMOTION_BUCKET, 'renders/a/out.mp4') },
  { what: "change a render's progress", make: write(REMOTION_BUCKET, 'renders/a/progress.json') },
  { what: "read a render's chunks", make: read(REMOTION_BUCKET, 'renders/a/chunks/0.mp4') },
  {
    what: "read a job's claim",
    except: ['StartRender', 'CancelRender', 'SweepRenders'],
    make: (clients, { jobsPrefix }) => read(REMOTION_BUCKET, `${jobsPrefix}a.json`)(clients),
  },
  {
    what: "change a job's claim",
    except: ['StartRender', 'CancelRender'],
    make: (clients, { jobsPrefix }) => write(REMOTION_BUCKET, `${jobsPrefix}a.json`)(clients),
  },
  {
    what: "read the claim of another workflow's job",
    make: (clients, { jobsPrefix }) => read(REMOTION_BUCKET, `${ofOther(jobsPrefix)}a.json`)(clients),
  },
  {
    what: "change the claim of another workflow's job",
    make: (clients, { jobsPrefix }) => write(REMOTION_BUCKET, `${ofOther(jobsPrefix)}a.json`)(clients),
  },
  { what: 'change a claim of version 0.1.0', make: write(REMOTION_BUCKET, 'render-jobs/a.json') },
  {
    what: 'cancel a render',
    except: ['CancelRender'],
    make: write(REMOTION_BUCKET, 'renders/a/cancel.json'),
  },
  {
    what: 'read a delivered video',
    except: ['CopyToBucket'],
    make: (clients, { videos }) => read(videos, 'videos/a.mp4')(clients),
  },
  {
    what: 'write a video',
    except: ['CopyToBucket'],
    make: (clients, { videos }) => write(videos, 'videos/a.mp4')(clients),
  },
  {
    what: "copy input props to where a render's output is",
    make: ({ s3 }) =>
      s3.send(
        new CopyObjectCommand({
          Bucket: REMOTION_BUCKET,
          Key: 'renders/a/out.mp4',
          CopySource: `${REMOTION_BUCKET}/input-props/props.json`,
        }),
      ),
  },
  { what: "delete a render's output", make: remove(REMOTION_BUCKET, 'renders/a/out.mp4') },
  {
    what: "delete a job's claim",
    make: (clients, { jobsPrefix }) => remove(REMOTION_BUCKET, `${jobsPrefix}a.json`)(clients),
  },
  {
    what: 'delete a video',
    make: (clients, { videos }) => remove(videos, 'videos/a.mp4')(clients),
  },
  {
    what: 'delete the bucket',
    make: ({ s3 }, { videos }) => s3.send(new DeleteBucketCommand({ Bucket: videos })),
  },
  { what: 'list all buckets', make: ({ s3 }) => s3.send(new ListBucketsCommand({})) },
  { what: 'list the whole Remotion bucket', make: list(REMOTION_BUCKET) },
  { what: 'list the sites', make: list(REMOTION_BUCKET, 'sites/') },
  {
    what: 'read the table of a batch',
    except: ['RenderBatchPrepareBatch'],
    make: read(REMOTION_BUCKET, 'batch-items/a.csv'),
  },
  { what: 'change the table of a batch', make: write(REMOTION_BUCKET, 'batch-items/a.csv') },
  {
    what: "change a row's result",
    except: ['RenderBatchRecordRow'],
    make: (clients, { jobsPrefix }) =>
      write(REMOTION_BUCKET, `${jobsPrefix.replace(/jobs\/$/, 'batches')}/a/rows/1.json`)(clients),
  },
  {
    what: "change a batch's summary",
    except: ['RenderBatchSummarizeBatch'],
    make: (clients, { jobsPrefix }) =>
      write(REMOTION_BUCKET, `${jobsPrefix.replace(/jobs\/$/, 'batches')}/a/summary.json`)(clients),
  },
  { what: 'list the claims', make: list(REMOTION_BUCKET, 'render-workflows/') },
  { what: 'list the videos', except: ['StartRender'], make: (clients, { videos }) => list(videos)(clients) },
  {
    what: 'invoke the Remotion function',
    except: ['StartRender'],
    make: ({ lambda }, { remotionFunction }) =>
      lambda.send(new InvokeCommand({ FunctionName: remotionFunction })),
  },
  {
    what: 'invoke another Remotion function',
    make: ({ lambda }) =>
      lambda.send(new InvokeCommand({ FunctionName: 'remotion-render-4-0-1-mem512mb-disk512mb-30sec' })),
  },
  {
    what: "invoke the workflow's functions",
    except: ['StateMachine', 'RenderBatchStateMachine', 'SweepRenders'],
    make: ({ lambda }, { steps }) =>
      firstAllowed(steps.map((FunctionName) => () => lambda.send(new InvokeCommand({ FunctionName })))),
  },
  {
    what: 'start an execution',
    except: ['RenderRequested', 'RenderQueuePipe', 'RenderApi', 'RenderBatchStateMachine'],
    make: ({ sfn }, { stateMachineArn }) => sfn.send(new StartExecutionCommand({ stateMachineArn })),
  },
  {
    what: 'stop an execution',
    except: ['RenderBatchStateMachine'],
    make: ({ sfn }, { stateMachineArn }) =>
      sfn.send(new StopExecutionCommand({ executionArn: executionOf(stateMachineArn) })),
  },
  {
    what: "read an execution's input",
    except: ['RenderApi', 'CancelRender', 'RenderBatchStateMachine', 'SweepRenders'],
    make: ({ sfn }, { stateMachineArn }) =>
      sfn.send(new DescribeExecutionCommand({ executionArn: executionOf(stateMachineArn) })),
  },
  {
    what: "read the input of another state machine's execution",
    make: ({ sfn }, { stateMachineArn }) =>
      sfn.send(new DescribeExecutionCommand({ executionArn: executionOf(`${stateMachineArn}2`) })),
  },
  {
    what: 'change who may run',
    except: ['AwaitTurn', 'StartRender', 'GetRenderProgress', 'CancelRender', 'SweepRenders'],
    make: (clients, { turnsPrefix }) => write(REMOTION_BUCKET, `${turnsPrefix}register.json`)(clients),
  },
  {
    what: 'come to wait for a turn',
    except: ['AwaitTurn'],
    make: (clients, { turnsPrefix }) => write(REMOTION_BUCKET, `${turnsPrefix}waiting/1-a`)(clients),
  },
  {
    what: 'list who waits for a turn',
    except: ['AwaitTurn', 'GetRenderProgress', 'CancelRender', 'SweepRenders'],
    make: (clients, { turnsPrefix }) => list(REMOTION_BUCKET, `${turnsPrefix}waiting/`)(clients),
  },
  {
    what: "change who may run of another workflow's renders",
    make: (clients, { turnsPrefix }) =>
      write(REMOTION_BUCKET, `${turnsPrefix.replace('/turns/', '-2/turns/')}register.json`)(clients),
  },
  {
    what: 'send an execution away that waits',
    except: ['SweepRenders'],
    make: ({ sfn }) => sfn.send(new SendTaskFailureCommand({ taskToken: 'a' })),
  },
  { what: 'put an event on the default bus', make: publish('shop', 'Sold', 'default') },
  { what: 'ask for a render by event', make: publish(RENDER_EVENT_SOURCE, RENDER_REQUESTED) },
  { what: 'publish an event of another source', make: publish('shop', 'Render Succeeded') },
  {
    what: 'publish Render Succeeded',
    except: ['StateMachine'],
    make: publish(RENDER_EVENT_SOURCE, 'Render Succeeded'),
  },
  {
    what: 'publish Render Cancelled',
    except: ['CancelRender'],
    make: publish(RENDER_EVENT_SOURCE, RENDER_CANCELLED),
  },
  {
    what: 'put a message into the queue of the other rule',
    make: ({ sqs }, { queueUrl: QueueUrl }) =>
      sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' })),
  },
  {
    what: 'read the dead letters',
    make: ({ sqs }, { queueUrl: QueueUrl }) => sqs.send(new ReceiveMessageCommand({ QueueUrl })),
  },
  {
    what: 'put a request into the queue',
    make: ({ sqs }, { requestsUrl: QueueUrl }) =>
      sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' })),
  },
  {
    what: 'take a request out of the queue',
    except: ['RenderQueuePipe'],
    make: ({ sqs }, { requestsUrl: QueueUrl }) => sqs.send(new ReceiveMessageCommand({ QueueUrl })),
  },
];

/** Lets every role make every attempt that is not its step, through the same endpoint as its functions. */
export async function* proveRefused(
  machine: ProofMachine,
  { roles }: ExplainedPolicies,
): AsyncGenerator<RefusedResult> {
  const target = targetOf(machine);
  for (const role of roles) {
    const clients = machine.clientsOf(machine.access.issueCredentials(role.arn));
    for (const { what, except = [], make } of ATTEMPTS) {
      if (except.includes(role.name)) continue;
      yield { role: role.name, what, ...(await answerOf(() => make(clients, target))) };
    }
  }
}

function targetOf({
  stack,
  stateMachineArn,
  remotionFunction,
  jobsPrefix,
  turnsPrefix,
}: ProofMachine): Target {
  return {
    videos: stack.outputs.DestinationBucketName ?? '',
    remotionFunction,
    jobsPrefix,
    turnsPrefix,
    steps: stack.functions.map(({ name }) => name),
    stateMachineArn,
    queueUrl: stack.queues.find(({ logicalId }) => /RenderRequested/.test(logicalId))?.url ?? '',
    eventBus: stack.outputs.EventBusName ?? '',
    requestsUrl: stack.outputs.RenderQueueUrl ?? '',
  };
}

async function answerOf(attempt: () => Promise<unknown>): Promise<Pick<RefusedResult, 'answer' | 'refused'>> {
  try {
    await attempt();
    return { answer: 'allowed', refused: false };
  } catch (error) {
    const answer = (error as Error).name;
    return { answer, refused: /^AccessDenied(Exception)?$/.test(answer) };
  }
}

/** Makes all attempts; throws when all were refused. */
async function firstAllowed(attempts: readonly (() => Promise<unknown>)[]): Promise<void> {
  let refusal: unknown;
  for (const attempt of attempts) {
    try {
      return void (await attempt());
    } catch (error) {
      refusal = error;
      if (!/^AccessDenied/.test((error as Error).name)) throw error;
    }
  }
  throw refusal;
}
