import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import aslValidator from 'asl-validator';
import { WORKFLOW_ERRORS } from '../../statemachine/errors.ts';

interface State {
  Type: string;
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
  Catch?: { ErrorEquals: string[]; Next: string }[];
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
const successors = (state: State) =>
  [state.Next, state.Default, ...(state.Choices ?? []), ...(state.Catch ?? [])]
    .map((next) => (typeof next === 'object' ? next.Next : next))
    .filter((next) => next !== undefined);

describe('the definition', () => {
  test('is valid Amazon States Language', () => {
    const resolved = text.replaceAll(
      /\$\{(\w+)FunctionArn\}/g,
      'arn:aws:lambda:us-east-1:123456789012:function:$1',
    );
    const { isValid, errorsText } = aslValidator(JSON.parse(resolved));
    expect({ isValid, errors: errorsText('\n') }).toEqual({ isValid: true, errors: '' });
  });

  test('is JSONata and ends by itself', () => {
    expect(definition.QueryLanguage).toBe('JSONata');
    expect(definition.TimeoutSeconds).toBeGreaterThan(0);
  });

  test('has the states that the README shows, all of which can be reached', () => {
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

  test.each(tasks)('gives %s a time limit, and every failure the same path', (_name, task) => {
    expect(task.TimeoutSeconds).toBeGreaterThan(0);
    expect(task.Catch?.at(-1)).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'ReportFailure' });
    expect(new Set(task.Catch?.map(({ Next }) => Next))).toEqual(new Set(['ReportFailure']));
  });

  test.each(tasks)('retries %s with jitter, a longest delay and a last attempt', (_name, { Retry = [] }) => {
    expect(Retry.length).toBeGreaterThan(0);
    for (const retrier of Retry) {
      expect(retrier).toMatchObject({ JitterStrategy: 'FULL', MaxDelaySeconds: expect.any(Number) });
      expect(retrier.MaxAttempts).toBeLessThanOrEqual(10);
    }
  });

  test('retries a start only where it certainly started nothing', () => {
    const retried = definition.States.StartRender?.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals);
    expect(retried).toEqual(['RenderThrottled', 'Lambda.TooManyRequestsException']);
  });

  test('retries no failure of a render, which would fail again', () => {
    const retried = tasks.flatMap(([, { Retry = [] }]) => Retry.flatMap(({ ErrorEquals }) => ErrorEquals));
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

  test('uses no error name of ours that is not documented', () => {
    const handlers = tasks.flatMap(([, { Retry = [], Catch = [] }]) => [...Retry, ...Catch]);
    const matched = handlers.flatMap(({ ErrorEquals }) => ErrorEquals);
    const given = handlers.flatMap((handler) =>
      'Output' in handler ? [handler.Output as { error: string }] : [],
    );
    const ours = [...matched, ...given.map(({ error }) => error)].filter((name) =>
      /^[A-Z][A-Za-z]+$/.test(name),
    );
    expect(ours).toContain('StartOutcomeUnknown');
    expect(ours.filter((name) => !(name in WORKFLOW_ERRORS))).toEqual([]);
  });
});
