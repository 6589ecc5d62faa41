import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  type FaultMachine,
  REMOTION_BUCKET,
  REMOTION_FUNCTION,
  startFaultMachine,
  synthesizedForFaults,
} from '../proof/faults/fault-machine.ts';
import { PRICES } from './prices.ts';
import { printTable } from './print-table.ts';

/** What a batch costs beside its renders, and how long it takes, against the same requests one by one. */
const ROWS = 100;
const AT_ONCE = 10;

const render = { composition: 'Scripted', codec: 'h264' };

// The functions run in this process, and Remotion's client prints what goes wrong.
const write = process.stdout.write.bind(process.stdout);
Object.assign(console, { info() {}, debug() {}, warn() {}, error() {} });
console.log = (line: string) => void write(`${line}\n`);

const machine = await startFaultMachine({ assembly: await synthesizedForFaults({ renderBatch: 'true' }) });
const sfn = new SFNClient(machine.clientConfig);
const { StateMachineArn, BatchStateMachineArn } = machine.stack.outputs;

async function run(stateMachineArn: string | undefined, input: object): Promise<void> {
  const started = await sfn.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  const { executionArn } = started;
  for (;;) {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') return;
    if (status !== 'RUNNING') throw new Error(`The execution ended ${status}.`);
    await sleep(1_000);
  }
}

async function oneByOne(): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < ROWS) {
      next += 1;
      const jobId = `single-${next}`;
      await run(StateMachineArn, { jobId, render: { ...render, inputProps: { job: jobId } } });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

async function asBatch(): Promise<void> {
  const Body = ['n', ...Array.from({ length: ROWS }, (_, i) => i)].join('\n');
  const Key = 'batch-items/bench.csv';
  await machine.s3.send(new PutObjectCommand({ Bucket: REMOTION_BUCKET, Key, Body }));
  await run(BatchStateMachineArn, {
    items: `s3://${REMOTION_BUCKET}/${Key}`,
    maxConcurrentRenders: AT_ONCE,
    request: { render: { ...render, inputProps: { job: "{% 'batch-' & $row.n %}" } } },
  });
}

/** What something took, for each row. */
async function measured(work: () => Promise<void>) {
  const [calls, executions, began] = [
    machine.calls.length,
    machine.stepFunctions.executions.length,
    Date.now(),
  ];
  await work();
  const made = machine.calls.slice(calls).filter(({ principal }) => isWorkflows(machine, principal));
  const count = (actions: RegExp) => made.filter(({ action }) => actions.test(action)).length / ROWS;
  const invocations =
    made.filter(
      ({ action, resource }) => action === 'lambda:InvokeFunction' && !resource.includes(REMOTION_FUNCTION),
    ).length / ROWS;
  const events = machine.stepFunctions.executions.slice(executions).flatMap(({ events }) => events);
  const of = (type: RegExp) => events.filter((event) => type.test(event.type)).length;
  // Each state that is entered, and each retry.
  const transitions = (of(/StateEntered$/) + of(/^TaskScheduled$/) - of(/^TaskStateEntered$/)) / ROWS;
  const reads = count(/^s3:(GetObject|HeadObject)$/);
  const writes = count(/^s3:(PutObject|ListBucket)$/);
  const published = count(/^events:PutEvents$/);
  const usd =
    transitions * PRICES.stateTransition +
    invocations * PRICES.lambdaRequest +
    reads * PRICES.s3Read +
    writes * PRICES.s3Write +
    published * PRICES.customEvent;
  return { transitions, invocations, reads, writes, usd, seconds: (Date.now() - began) / 1000 };
}

/** Whether a call is of the stack, and not of the person or of Remotion's function. */
function isWorkflows({ stack }: FaultMachine, principal: string): boolean {
  return stack.roles.some(({ arn }) => arn === principal);
}

const ways = { 'one by one': await measured(oneByOne), 'as a batch': await measured(asBatch) };
printTable(
  ['for 1,000 rows', 'transitions', 'invocations', 'S3 reads', 'S3 writes', 'USD', `seconds for ${ROWS}`],
  Object.entries(ways).map(([way, { transitions, invocations, reads, writes, usd, seconds }]) => [
    way,
    ...[transitions, invocations, reads, writes].map((each) => Math.round(each * 1000).toLocaleString('en')),
    `$${(usd * 1000).toFixed(2)}`,
    seconds.toFixed(0),
  ]),
  '---:',
);
await machine.stop();
process.exit(0);
