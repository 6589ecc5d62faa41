import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import aslValidator from 'asl-validator';
import { RENDER_EVENT_SOURCE, STATE_MACHINE_EVENTS } from '../../statemachine/contract.ts';
import { type StartRetryName, WORKFLOW_ERRORS } from '../../statemachine/errors.ts';

interface State {
  Type: string;
  Resource?: string;
  Output?: unknown;
  Comment?: string;
  Next?: string;
  Default?: string;
  Choices?: { Next: string }[];
  Retry?: {
    ErrorEquals: string[];
    JitterStrategy?: string;
    MaxDelaySeconds?: number;
    MaxAttempts?: number;
  }[];
  Catch?: { ErrorEquals: string[]; Output?: unknown; Next: string }[];
  TimeoutSeconds?: number;
  End?: boolean;
}

const text = readFileSync(join(import.meta.dirname, '../../statemachine/render-workflow.asl.json'), 'utf8');
const definition = JSON.parse(text) as {
  StartAt: string;
  QueryLanguage: string;
  TimeoutSeconds: number;
  States: Record<string, State>;
};
const states = Object.entries(definition.States);
const tasks = states.filter(([, { Type }]) => Type === 'Task');
const publications = tasks.filter(([, { Resource }]) => Resource?.endsWith(':events:putEvents'));
const steps = tasks.filter((task) => !publications.includes(task));
const successors = (state: State) =>
  [state.Next, state.Default, ...(state.Choices ?? []), ...(state.Catch ?? [])]
    .map((next) => (typeof next === 'object' ? next.Next : next))
    .filter((next) => next !== undefined);

describe('the definition', () => {
  test('is valid Amazon States Language', () => {
    const resolved = text
      .replaceAll(/\$\{(\w+)FunctionArn\}/g, 'arn:aws:lambda:us-east-1:123456789012:function:$1')
      .replaceAll('${EventBusArn}', 'arn:aws:events:us-east-1:123456789012:event-bus/renders');
    const { isValid, errorsText } = aslValidator(JSON.parse(resolved));
    expect({ isValid, errors: errorsText('\n') }).toEqual({ isValid: true, errors: '' });
  });

  test('is JSONata and ends by itself', () => {
    expect(definition.QueryLanguage).toBe('JSONata');
    expect(definition.TimeoutSeconds).toBeGreaterThan(0);
  });

  test('has the states that docs/workflow.md shows, all of which can be reached', () => {
    const reached = new Set<string>();
    const visit = (name: string) => {
      if (reached.has(name)) return;
      reached.add(name);
      for (const next of successors(definition.States[name] as State)) visit(next);
    };
    visit(definition.StartAt);
    expect([...reached].sort()).toEqual(states.map(([name]) => name).sort());
  });

  test.each(states)('says in a comment what a person sees at %s', (_name, { Comment }) => {
    expect(Comment?.length).toBeGreaterThan(20);
  });

  test('goes back from the choice to the wait until the render is finished', () => {
    expect(definition.States.IsRenderFinished).toMatchObject({
      Choices: [{ Next: 'CopyToBucket' }],
      Default: 'WaitForRender',
    });
  });

  test.each(steps)('gives %s a time limit, and every failure the same path', (name, task) => {
    expect(task.TimeoutSeconds).toBeGreaterThan(0);
    const next = name === 'CancelRender' ? 'ReportFailure' : 'CancelRender';
    expect(task.Catch?.slice(-1)).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: next }]);
    const special = { GetRenderProgress: ['RenderThrottled'], StartRender: ['TurnLost'] }[name] ?? [];
    expect(task.Catch?.slice(0, -1).flatMap(({ ErrorEquals }) => ErrorEquals)).toEqual(special);
  });

  test('starts a render anew that was throttled, after a wait, in the time that its first start had', () => {
    const { ReadRequest, AwaitTurn, GetRenderProgress, WaitForCapacity, StartRender } = definition.States;
    expect(GetRenderProgress?.Catch?.[0]).toMatchObject({
      Next: 'WaitForCapacity',
      Assign: { throttledRenderId: '{% $render.renderId %}' },
    });
    expect(WaitForCapacity).toMatchObject({ Type: 'Wait', Next: 'ReadRequest' });
    const kept = '{% $exists($input) ? $input : $states.input %}';
    expect(ReadRequest).toMatchObject({ Assign: { input: kept }, Choices: [{ Assign: { input: kept } }] });
    const first = '{% $exists($waitingSince) ? $waitingSince : $states.context.State.EnteredTime %}';
    for (const state of [AwaitTurn, StartRender])
      expect(state).toMatchObject({
        Arguments: { Payload: { enteredAt: first } },
        Assign: { waitingSince: first },
      });
  });

  test.each(publications)('goes on after %s as if nothing had been published', (_name, state) => {
    expect(state).toMatchObject({
      Output: '{% $states.input %}',
      TimeoutSeconds: 5,
      Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }],
      Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.input %}', Next: state.Next }],
    });
  });

  test('publishes exactly the events that the role of the state machine may publish', () => {
    const published = publications.map(([, state]) => {
      const { Entries } = (state as { Arguments?: { Entries: Record<string, unknown>[] } }).Arguments ?? {};
      return Entries?.map(({ Source, DetailType, EventBusName }) => ({ Source, DetailType, EventBusName }));
    });
    expect(published).toEqual(
      STATE_MACHINE_EVENTS.map((DetailType) => [
        { Source: RENDER_EVENT_SOURCE, DetailType, EventBusName: '${EventBusArn}' },
      ]),
    );
  });

  test.each(tasks)('retries %s with jitter, a longest delay and a last attempt', (_name, { Retry = [] }) => {
    expect(Retry.length).toBeGreaterThan(0);
    for (const retrier of Retry) {
      expect(retrier).toMatchObject({
        JitterStrategy: 'FULL',
        MaxDelaySeconds: expect.any(Number),
        MaxAttempts: expect.any(Number),
      });
    }
  });

  test('has renders wait for their turn only where the stack has the function for it', () => {
    const { ReadRequest, AwaitTurn, StartRender } = definition.States;
    expect(ReadRequest).toMatchObject({
      Choices: [{ Condition: "{% '${HasTurns}' = 'true' %}", Next: 'AwaitTurn' }],
      Default: 'StartRender',
    });
    expect(AwaitTurn).toMatchObject({
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Arguments: { Payload: { taskToken: '{% $states.context.Task.Token %}' } },
      Assign: { turn: '{% $states.result %}' },
      Next: 'StartRender',
    });
    expect(StartRender?.Catch?.[0]).toMatchObject({ ErrorEquals: ['TurnLost'], Next: 'AwaitTurn' });
  });

  test('has time for the longest wait that a request may ask for, and for a render after it', () => {
    const longestWait = 14 * 86_400;
    expect(definition.States.AwaitTurn?.TimeoutSeconds).toBeGreaterThan(longestWait);
    expect(definition.TimeoutSeconds).toBeGreaterThan(longestWait + 4 * 3_600);
  });

  test('lets a start wait for capacity for hours', () => {
    const [waiting] = definition.States.StartRender?.Retry ?? [];
    expect(waiting?.ErrorEquals).toEqual(['RenderStartThrottled', 'RenderStartPending']);
    // With full jitter a delay is half of the longest on average.
    expect((waiting?.MaxAttempts ?? 0) * ((waiting?.MaxDelaySeconds ?? 0) / 2)).toBeGreaterThan(3_600);
    expect(definition.TimeoutSeconds).toBeGreaterThan(3_600);
  });

  test('retries no failure of a render, which would fail again', () => {
    const ofRender = steps.filter(([name]) => name !== 'CancelRender');
    const retried = ofRender.flatMap(([, { Retry = [] }]) => Retry.flatMap(({ ErrorEquals }) => ErrorEquals));
    for (const name of [
      'RenderFailed',
      'RenderTimedOut',
      'InvalidRenderRequest',
      'StartOutcomeUnknown',
      'States.ALL',
    ]) {
      expect(retried).not.toContain(name);
    }
  });

  test('knows every error of the workflow where it reports one without CancelRender', () => {
    const { Output } = definition.States.ReportFailure as unknown as { Output: { error: string } };
    for (const name of Object.keys(WORKFLOW_ERRORS)) expect(Output.error).toContain(`'${name}'`);
  });

  test('uses no error name of ours that is not documented', () => {
    const handlers = tasks.flatMap(([, { Retry = [], Catch = [] }]) => [...Retry, ...Catch]);
    const matched = handlers.flatMap(({ ErrorEquals }) => ErrorEquals);
    const ours = matched.filter((name) => /^[A-Z][A-Za-z]+$/.test(name));
    const retried: StartRetryName[] = ['RenderStartThrottled', 'RenderStartPending', 'TurnLost'];
    expect(ours.filter((name) => ![...Object.keys(WORKFLOW_ERRORS), ...retried].includes(name))).toEqual([]);
  });
});
