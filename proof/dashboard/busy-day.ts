import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type FaultMachine, NOTHING_HAPPENS } from '../faults/fault-machine.ts';
import { seededRandom } from '../faults/seeded-random.ts';
import { replaceRandom } from '../faults/virtual-time.ts';
import type { RenderScript } from '../scripted-remotion/render-script.ts';
import { readMetrics } from './embedded-metrics.ts';
import { metricKey, type Sample } from './sample.ts';

/** Functions that the machine runs at once, Remotion's included; starts beyond are throttled, as by an account's limit. */
export const FUNCTIONS_AT_ONCE = 12;

const MINUTE = 60_000;
const SAMPLED_EVERY = 20_000;
const QUEUES_LOOKED_AT_EVERY = 15 * MINUTE;

export interface BusyDay {
  readonly samples: readonly Sample[];
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly executions: number;
}

/** So many requests come within a minute: few at the ends of the day, two peaks, and a rush. */
function requestsAMinute(hour: number): number {
  const peak = (at: number, width: number) => Math.exp(-(((hour - at) / width) ** 2));
  const rush = hour > 7.5 && hour < 7.75 ? 5 : 0;
  return 0.1 + 1.1 * peak(3.5, 1.6) + 0.9 * peak(8, 1.5) + rush;
}

/** How a render goes: most well, some not. */
function scriptOf(random: () => number): RenderScript {
  const seconds = Math.round(15 + 75 * random() ** 3);
  const size = { outputSizeInBytes: 20_000 * seconds };
  const fate = random();
  if (fate < 0.03) return { seconds, failAtPercent: 40 };
  if (fate < 0.035) return { hang: 'at-99' };
  return { seconds, ...size };
}

/**
 * Runs the workflow for hours of virtual time, with many renders, and collects its figures: what its functions
 * print, and for AWS's own metrics what this machine counts.
 *
 * @param machine One whose functions print their metrics.
 */
export async function busyDay(machine: FaultMachine, hours: number, seed: number): Promise<BusyDay> {
  const random = seededRandom(seed);
  replaceRandom(random);
  const { clock } = machine.time;
  const { stepFunctions, stateMachineArn } = machine;
  const samples: Sample[] = [];
  const stopCollecting = collectPrinted(samples);
  Object.assign(machine.happenings, NOTHING_HAPPENS, {
    latency: () => 20 + Math.floor(60 * random()),
    fault: ({ caller, name }: { caller: string; name: string }) =>
      caller === 'StartRender' &&
      name === 'Invoke Remotion' &&
      // A render takes two functions while it is started.
      machine.runningFunctions() + 2 > FUNCTIONS_AT_ONCE
        ? 'throttled'
        : undefined,
  });
  const from = clock.now();
  const to = from + hours * 60 * MINUTE;
  const watching = watch(machine, samples, to);
  const ends: Promise<unknown>[] = [];
  while (clock.now() < to - 10 * MINUTE) {
    const hour = (clock.now() - from) / (60 * MINUTE);
    await clock.sleep((-Math.log(1 - random()) * MINUTE) / requestsAMinute(hour));
    const jobId = `day-${ends.length}`;
    const input = requestOf(jobId, random);
    const execution = stepFunctions.startExecution({ stateMachineArn, name: jobId, input });
    ends.push(execution.ended);
    // Somebody changes their mind.
    if (random() < 0.02) clock.sleep(12_000).then(() => execution.stop('Stopped', 'By a person'));
  }
  await Promise.all([...ends, watching]);
  // What EventBridge tells of the last ends.
  await clock.sleep(5 * MINUTE);
  stopCollecting();
  for (const { status, stopDate } of stepFunctions.executions) {
    const name = { FAILED: 'ExecutionsFailed', TIMED_OUT: 'ExecutionsTimedOut' }[status as string];
    if (!name || stopDate === undefined) continue;
    const [logicalId] = machine.stack.stateMachines.map((each) => each.logicalId);
    const metric = metricKey('AWS/States', name, { StateMachineArn: `<${logicalId}>` });
    samples.push({ time: stopDate, metric, value: 1 });
  }
  return { samples, from, to, executions: ends.length };
}

function requestOf(jobId: string, random: () => number): string {
  const codec = random() < 0.01 ? 'h266' : 'h264';
  const maxCostInUsd = random() < 0.3 ? 0.0025 : 0.01;
  const inputProps = { job: jobId, scripts: [scriptOf(random)] };
  return JSON.stringify({ jobId, maxCostInUsd, render: { composition: 'Scripted', codec, inputProps } });
}

/** The lines that the functions of this process print. */
function collectPrinted(samples: Sample[]): () => void {
  const { stdout } = process;
  const write = stdout.write;
  stdout.write = ((chunk: unknown, ...rest: never[]) => {
    const metrics = readMetrics(String(chunk));
    for (const { time, namespace, name, dimensions, value } of metrics)
      samples.push({ time, metric: metricKey(namespace, name, dimensions), value });
    return metrics.length > 0 ? true : write.call(stdout, chunk as string, ...rest);
  }) as typeof stdout.write;
  return () => {
    stdout.write = write;
  };
}

/** Counts, until then, what AWS's own metrics count. */
async function watch(machine: FaultMachine, samples: Sample[], until: number): Promise<void> {
  const { clock } = machine.time;
  const sqs = new SQSClient(machine.clientConfig);
  let queuesLookedAt = 0;
  while (clock.now() < until) {
    const time = clock.now();
    const value = machine.runningFunctions();
    for (const name of ['ConcurrentExecutions', 'ClaimedAccountConcurrency'])
      samples.push({ time, metric: metricKey('AWS/Lambda', name, {}), value });
    if (time - queuesLookedAt >= QUEUES_LOOKED_AT_EVERY) {
      queuesLookedAt = time;
      for (const { logicalId, url } of machine.stack.queues) {
        const { Attributes = {} } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] }),
        );
        const metric = metricKey('AWS/SQS', 'ApproximateNumberOfMessagesVisible', {
          QueueName: `<${logicalId}.QueueName>`,
        });
        samples.push({ time, metric, value: Number(Attributes.ApproximateNumberOfMessages) });
      }
    }
    await clock.sleep(SAMPLED_EVERY);
  }
}
