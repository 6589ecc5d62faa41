import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import aslValidator from 'asl-validator';
import { BATCH_ERRORS } from '../../statemachine/batch-errors.ts';

interface State {
  Type: string;
  Resource?: string;
  Comment?: string;
  Next?: string;
  Default?: string;
  Output?: unknown;
  Error?: string;
  TimeoutSeconds?: number;
  Choices?: { Next: string }[];
  Retry?: { ErrorEquals: string[]; JitterStrategy?: string; MaxDelaySeconds?: number }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Branches?: Block[];
  ItemProcessor?: Block & { ProcessorConfig: object };
  [field: string]: unknown;
}
interface Block {
  StartAt: string;
  States: Record<string, State>;
}

const text = readFileSync(join(import.meta.dirname, '../../statemachine/render-batch.asl.json'), 'utf8');
const definition = JSON.parse(text) as Block & { QueryLanguage: string; TimeoutSeconds: number };
const blocksOf = (block: Block): Block[] => [
  block,
  ...Object.values(block.States).flatMap(({ Branches = [], ItemProcessor }) =>
    [...Branches, ...(ItemProcessor ? [ItemProcessor] : [])].flatMap(blocksOf),
  ),
];
const blocks = blocksOf(definition);
const states = blocks.flatMap(({ States }) => Object.entries(States));
const state = (name: string) => states.find(([other]) => other === name)?.[1] as State;

describe('the definition of a batch', () => {
  test('is valid Amazon States Language in JSONata, and ends by itself', () => {
    const resolved = text
      .replaceAll(/\$\{(\w+)FunctionArn\}/g, 'arn:aws:lambda:us-east-1:123456789012:function:$1')
      .replaceAll('${EventBusArn}', 'arn:aws:events:us-east-1:123456789012:event-bus/renders')
      .replaceAll('${RemotionBucketName}', 'remotionlambda-useast1-example')
      .replaceAll('${WorkflowPrefix}', 'render-workflows/Machine/')
      .replaceAll('${RenderWorkflowArn}', 'arn:aws:states:us-east-1:123456789012:stateMachine:Render');
    const { isValid, errorsText } = aslValidator(JSON.parse(resolved));
    expect({ isValid, errors: errorsText('\n') }).toEqual({ isValid: true, errors: '' });
    expect(definition).toMatchObject({ QueryLanguage: 'JSONata', TimeoutSeconds: 14 * 24 * 60 * 60 });
  });

  test('has names and comments that read well in the console, and no state twice', () => {
    const names = states.map(([name]) => name);
    expect(names).toEqual([...new Set(names)]);
    for (const [name, { Comment }] of states) {
      if (!['RenderRows'].includes(name)) expect(name).toMatch(/^([A-Z][a-z]+)+$/);
      expect(Comment).toMatch(/\.$/);
    }
  });

  test('leads from its start to each of its states', () => {
    for (const { StartAt, States } of blocks) {
      const reached = new Set<string>();
      const visit = (name: string) => {
        const at = States[name];
        if (!at || reached.has(name)) return;
        reached.add(name);
        for (const { Next } of [at, { Next: at.Default }, ...(at.Choices ?? []), ...(at.Catch ?? [])])
          if (Next !== undefined) visit(Next);
      };
      visit(StartAt);
      expect([...reached].sort()).toEqual(Object.keys(States).sort());
    }
  });

  test('gives every task a time, and every retry a limit of its wait and jitter', () => {
    const tasks = states.filter(([, { Type }]) => Type === 'Task');
    for (const [, { TimeoutSeconds, Retry = [] }] of tasks) {
      expect(TimeoutSeconds).toBeGreaterThan(0);
      expect(Retry.length).toBeGreaterThan(0);
      for (const { JitterStrategy, MaxDelaySeconds } of Retry)
        expect({ JitterStrategy, MaxDelaySeconds }).toEqual({
          JitterStrategy: 'FULL',
          MaxDelaySeconds: expect.any(Number),
        });
    }
  });

  test('tries every step again that has died, or whose connection broke off while it read the table', () => {
    const again = (name: string) => state(name).Retry?.flatMap(({ ErrorEquals }) => ErrorEquals) ?? [];
    for (const [name, { Type, Resource }] of states) {
      if (Type !== 'Task' || !Resource?.includes('lambda')) continue;
      expect(again(name).includes('Runtime.ExitError') || again(name).includes('States.ALL')).toBe(true);
    }
    expect(again('PrepareBatch')).toContain('Error');
  });

  test('runs each row in a child that can run as long as a render, through the render workflow', () => {
    expect(state('RenderRows').ItemProcessor?.ProcessorConfig).toEqual({
      Mode: 'DISTRIBUTED',
      ExecutionType: 'STANDARD',
    });
    const { Resource, TimeoutSeconds } = state('RenderRow');
    expect(Resource).toBe('arn:aws:states:::states:startExecution.sync:2');
    const workflow = readFileSync(
      join(import.meta.dirname, '../../statemachine/render-workflow.asl.json'),
      'utf8',
    );
    expect(TimeoutSeconds).toBeGreaterThan(JSON.parse(workflow).TimeoutSeconds);
  });

  test('fails a row, and a batch, in a state from which a redrive comes back to what is missing', () => {
    expect(state('RecordFailedRow').Next).toBe('AdmitRow');
    expect(state('IsBatchRedriven').Choices?.[0]?.Next).toBe('PrepareBatch');
    // A name that is retried would be thrown again and again.
    const { ErrorEquals } = state('SummarizeBatch').Retry?.[1] ?? {};
    for (const name of [...Object.keys(BATCH_ERRORS), 'States.ALL', 'States.TaskFailed'])
      expect(ErrorEquals).not.toContain(name);
    const ofRow = state('RecordFailedRow').Retry?.flatMap(({ ErrorEquals }) => ErrorEquals);
    for (const name of ['RenderFailed', 'States.ALL', 'States.TaskFailed']) expect(ofRow).not.toContain(name);
  });

  test('comes to its summary, also where too many rows have failed or the budget is spent', () => {
    expect(state('RunRows')).toMatchObject({
      Next: 'SummarizeBatch',
      Catch: [
        {
          ErrorEquals: ['BatchOverBudget', 'States.ExceedToleratedFailureThreshold'],
          Next: 'SummarizeBatch',
        },
      ],
    });
    expect(state('BudgetSpent').Error).toBe('BatchOverBudget');
  });
});
