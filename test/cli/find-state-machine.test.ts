import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { findStateMachine } from '../../cli/find-state-machine.ts';
import { UsageError } from '../../cli/usage-error.ts';

const sfnMock = mockClient(SFNClient);
const sfn = new SFNClient({ region: 'eu-central-1' });

const arnOf = (name: string) => `arn:aws:states:eu-central-1:123456789012:stateMachine:${name}`;

/** The account's state machines, a page each. */
function machines(...names: string[]): void {
  sfnMock.reset();
  names.forEach((name, page) => {
    sfnMock.on(ListStateMachinesCommand, page === 0 ? {} : { nextToken: String(page) }).resolves({
      stateMachines: [{ name, stateMachineArn: arnOf(name), type: 'STANDARD', creationDate: new Date(0) }],
      ...(page + 1 < names.length && { nextToken: String(page + 1) }),
    });
  });
  if (names.length === 0) sfnMock.on(ListStateMachinesCommand).resolves({ stateMachines: [] });
}

async function refusal(): Promise<string> {
  const error = await findStateMachine(sfn).catch((error: Error) => error);
  expect(error).toBeInstanceOf(UsageError);
  return (error as Error).message;
}

test('the only render workflow of the account is found, on whichever page it is', async () => {
  machines('Invoices', 'Orders', 'RenderWorkflowStateMachine4711');
  expect(await findStateMachine(sfn)).toBe(arnOf('RenderWorkflowStateMachine4711'));
});

test('several render workflows are listed, for one of them to be given', async () => {
  machines('VideosRenderWorkflowA', 'RenderWorkflowB');
  const message = await refusal();
  expect(message).toContain('There are 2 render workflows in eu-central-1.');
  expect(message).toContain('--state-machine-arn');
  expect(message).toContain(arnOf('VideosRenderWorkflowA'));
  expect(message).toContain(arnOf('RenderWorkflowB'));
});

test('without a render workflow, what is there is named, and the region', async () => {
  machines('Invoices');
  expect(await refusal()).toMatch(/in eu-central-1, only Invoices\. Is it the right region/);
  machines();
  expect(await refusal()).toContain('no state machine at all');
});

test('the state machine for batches is not taken for the render workflow, nor the other way round', async () => {
  machines('A-RenderWorkflow-RenderBatch-1', 'RenderWorkflowStateMachine4711');
  expect(await findStateMachine(sfn)).toBe(arnOf('RenderWorkflowStateMachine4711'));
  expect(await findStateMachine(sfn, 'batch')).toBe(arnOf('A-RenderWorkflow-RenderBatch-1'));
  machines('RenderWorkflowStateMachine4711');
  const error = await findStateMachine(sfn, 'batch').catch((error: Error) => error);
  expect((error as Error).message).toContain('-c renderBatch=true');
});
