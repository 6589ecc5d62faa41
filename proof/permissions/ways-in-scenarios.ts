import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { ADMINISTRATOR } from '../../local/launch.ts';
import type { ProofMachine } from './proof-machine.ts';
import {
  comesIntoQueue,
  endOf,
  executionWith,
  exists,
  large,
  notDelivered,
  requestOf,
  type Scenario,
  sendEvent,
  sendMessage,
  start,
} from './scenario.ts';
import { signedFetch } from './signed-fetch.ts';

/** How renders are asked for. */
export const WAYS_IN_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a render that an execution asks for',
    run: async (machine, jobId) => notDelivered(await endOf(machine, await start(machine, requestOf(jobId)))),
  },
  {
    name: 'a render that an event asks for',
    async run(machine, jobId) {
      const executionArn = await sendEvent(machine, requestOf(jobId));
      if (!(await exists(machine, executionArn))) return 'the event started no execution';
      return notDelivered(await endOf(machine, executionArn));
    },
  },
  {
    name: 'a render that a message of the queue asks for',
    async run(machine, jobId) {
      await sendMessage(machine, requestOf(jobId));
      const executionArn = await executionWith(machine, jobId);
      if (executionArn === undefined) return 'the message started no execution';
      return notDelivered(await endOf(machine, executionArn)) ?? (await leftInQueue(machine));
    },
  },
  {
    name: 'a message whose execution fails is kept',
    async run(machine, jobId) {
      await sendMessage(machine, requestOf(jobId, { failAtPercent: 50 }));
      const kept = await comesIntoQueue(machine, /RenderQueueDeadLetters/, jobId);
      return kept ? undefined : 'the message is lost';
    },
  },
  {
    name: 'a message whose execution fails is kept, also where it is too large for the event',
    async run(machine, jobId) {
      await sendMessage(machine, large(requestOf(jobId, { failAtPercent: 50 })));
      const kept = await comesIntoQueue(machine, /RenderQueueDeadLetters/, jobId);
      return kept ? undefined : 'the message is lost';
    },
  },
  {
    name: 'an event that cannot start an execution is kept',
    run: (machine, jobId) =>
      machine.withFaults(
        ({ caller, name }) =>
          caller === 'EventBridge' && name === 'StartExecution' ? 'access-denied' : undefined,
        async () => {
          await sendEvent(machine, requestOf(jobId));
          const kept = await comesIntoQueue(machine, /RenderRequestedDeadLetters/, jobId);
          return kept ? undefined : 'the event is lost';
        },
      ),
  },
  {
    name: 'a render over HTTP, whose state is asked for the same way',
    async run(machine, jobId) {
      const posted = await overHttp(machine, '', JSON.stringify(requestOf(jobId)));
      if (typeof posted.executionArn !== 'string') return `POST answered ${JSON.stringify(posted)}`;
      const failure = notDelivered(await endOf(machine, posted.executionArn));
      const state = await overHttp(machine, `/${posted.executionArn.split(':').at(-1)}`);
      if (state.status !== 'SUCCEEDED') return failure ?? `GET answered ${JSON.stringify(state)}`;
      return failure;
    },
  },
];

/** Calls the stack's API as the administrator. */
async function overHttp({ stack }: ProofMachine, path: string, body?: string) {
  const response = await signedFetch(`${stack.outputs.RenderApiUrl}${path}`, ADMINISTRATOR, body);
  return (await response.json()) as Readonly<Record<string, unknown>>;
}

/** Messages that the pipe has not taken out of the queue, although it has started their executions. */
async function leftInQueue({ administrator, stack }: ProofMachine): Promise<string | undefined> {
  const { Attributes } = await administrator.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: stack.outputs.RenderQueueUrl, AttributeNames: ['All'] }),
  );
  const left =
    Number(Attributes?.ApproximateNumberOfMessages) +
    Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
  return left > 0 ? `${left} messages are left in the queue` : undefined;
}
