import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
} from '@aws-sdk/client-sfn';
import { arnOf, startTestConsole } from './test-console.ts';

interface Told {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly isWhole?: boolean; readonly items: readonly { readonly name: string }[] };
}

let console: Awaited<ReturnType<typeof startTestConsole>>;
let names: string[];

beforeEach(async () => {
  console = await startTestConsole({ endpoint: 'http://127.0.0.1:9' });
  names = ['first'];
  console.sfn.on(DescribeStateMachineCommand).rejects(new Error('not asked here'));
  console.sfn.on(GetExecutionHistoryCommand).resolves({ events: [] });
  console.sfn.on(DescribeExecutionCommand).resolves({ status: 'SUCCEEDED', input: '{}', output: '{}' });
  console.sfn.on(ListExecutionsCommand).callsFake(() => ({
    executions: names
      .map((name) => ({ name, executionArn: arnOf(name), status: 'SUCCEEDED', startDate: new Date() }))
      .reverse(),
  }));
});
afterEach(() => console.stop());

/** What is told until `enough`. */
async function listen(
  enough: (told: readonly Told[]) => boolean,
  headers: Record<string, string> = {},
): Promise<Told[]> {
  const { ticket } = await console.read('api/workflow');
  const leave = new AbortController();
  const { body } = await fetch(`${console.origin}/_console/api/live?renders=1&ticket=${ticket}`, {
    headers: { ...headers, 'sec-fetch-site': 'same-origin' },
    signal: leave.signal,
  });
  const told: Told[] = [];
  let text = '';
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const [, id, event, data] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(message) ?? [];
      if (id && event && data) told.push({ id, event, data: JSON.parse(data) });
    }
    if (enough(told)) break;
  }
  leave.abort();
  return told;
}

const knows = (name: string) => (told: readonly Told[]) =>
  told.some(({ data }) => data.items.some((item) => item.name === name));

test('a page is told the whole list, and what is new in it as it comes', async () => {
  const told = await listen((so) => {
    if (knows('first')(so) && names.length === 1) names.push('second');
    return knows('second')(so);
  });
  expect(told[0]).toMatchObject({ event: 'renders', data: { isWhole: true, items: [{ name: 'first' }] } });
  expect(told.at(-1)?.data).toMatchObject({ isWhole: false });
});

test('a page that returns is told only what it has missed; one of another run is told all', async () => {
  const told = await listen(knows('first'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const [last] = (await listen(knows('first'))).slice(-1);
  names.push('second');
  const missed = await listen(knows('second'), { 'last-event-id': last?.id ?? '' });
  expect(missed.flatMap(({ data }) => data.items.map(({ name }) => name))).not.toContain('first');
  const stale = (told[0]?.id ?? '').replace(/^[^.]+/, 'other');
  const anew = await listen(knows('second'), { 'last-event-id': stale });
  expect(anew[0]?.data).toMatchObject({ isWhole: true });
});

test('while nobody looks, nothing is called', async () => {
  await listen(knows('first'));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const before = console.sfn.calls().length;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(console.sfn.calls().length).toBe(before);
});
