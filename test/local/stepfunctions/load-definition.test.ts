import { loadDefinition, UnsupportedDefinition } from '../../../local/stepfunctions/load-definition.ts';

const DONE = { Type: 'Succeed' };

/** The problems of a JSONata machine whose state `S` is the given one, as `path problem`. */
function problemsOf(state: object, rest: object = {}): string[] {
  return problemsOfDefinition({
    QueryLanguage: 'JSONata',
    StartAt: 'S',
    States: { S: state, Done: DONE },
    ...rest,
  });
}

function problemsOfDefinition(definition: unknown): string[] {
  try {
    loadDefinition(definition);
    return [];
  } catch (error) {
    if (!(error instanceof UnsupportedDefinition)) throw error;
    return error.problems.map(({ path, problem }) => `${path} ${problem}`);
  }
}

const INVOKE = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Next: 'Done' };
const PROCESSOR = { StartAt: 'Done', States: { Done: DONE } };

/** A distributed Map with these fields. */
function distributed(rest: object, ExecutionType = 'STANDARD'): object {
  const ProcessorConfig = { Mode: 'DISTRIBUTED', ExecutionType };
  return { Type: 'Map', ItemProcessor: { ...PROCESSOR, ProcessorConfig }, Next: 'Done', ...rest };
}

/** Reads JSON, unless the configuration says otherwise. */
function reader(ReaderConfig: object): object {
  return {
    Resource: 'arn:aws:states:::s3:getObject',
    Arguments: { Bucket: 'b', Key: 'k' },
    ReaderConfig: { InputType: 'JSON', ...ReaderConfig },
  };
}

describe('a definition is refused by the path and name of', () => {
  it.each<[string, object, string]>([
    ['a state type', { Type: 'Activity', Next: 'Done' }, '/States/S/Type "Activity" is not supported'],
    ['a field', { Type: 'Pass', Result: 1, Next: 'Done' }, '/States/S/Result is not supported here'],
    ['a JSONPath field', { ...INVOKE, Parameters: {} }, '/States/S/Parameters is not supported here'],
    [
      'a task resource',
      { ...INVOKE, Resource: 'arn:aws:states:::sqs:sendMessage' },
      '/States/S/Resource "arn:aws:states:::sqs:sendMessage" is not supported',
    ],
    [
      'a task of another service that waits for a token',
      { ...INVOKE, Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken' },
      '/States/S/Resource "arn:aws:states:::sqs:sendMessage.waitForTaskToken" is not supported',
    ],
    ['a missing resource', { Type: 'Task', Next: 'Done' }, '/States/S/Resource is missing'],
    ['a missing next state', { Type: 'Pass' }, '/States/S/Next undefined is no state here'],
    ['an unknown next state', { Type: 'Pass', Next: 'Nowhere' }, '/States/S/Next "Nowhere" is no state here'],
    [
      'a wait without an end',
      { Type: 'Wait', Next: 'Done' },
      '/States/S must have either Seconds or Timestamp',
    ],
    [
      'a timestamp that is none',
      { Type: 'Wait', Timestamp: '2026-02-31T00:00:00Z', Next: 'Done' },
      '/States/S/Timestamp must be an RFC3339 timestamp',
    ],
    [
      'seconds that are none',
      { Type: 'Wait', Seconds: -1, Next: 'Done' },
      '/States/S/Seconds must be an integer of at least 0',
    ],
    [
      'a JSONPath choice',
      { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'Done' }] },
      '/States/S/Choices/0/Variable is not supported here',
    ],
    [
      'a retrier field',
      { ...INVOKE, Retry: [{ ErrorEquals: ['A'], Jitter: 'FULL' }] },
      '/States/S/Retry/0/Jitter is not supported here',
    ],
    [
      'a jitter strategy',
      { ...INVOKE, Retry: [{ ErrorEquals: ['A'], JitterStrategy: 'HALF' }] },
      '/States/S/Retry/0/JitterStrategy must be FULL or NONE, not "HALF"',
    ],
    [
      'a catcher field',
      { ...INVOKE, Catch: [{ ErrorEquals: ['A'], ResultPath: '$', Next: 'Done' }] },
      '/States/S/Catch/0/ResultPath is not supported here',
    ],
    [
      'a distributed map of express executions',
      distributed({}, 'EXPRESS'),
      '/States/S/ItemProcessor/ProcessorConfig/ExecutionType must be STANDARD, not "EXPRESS"',
    ],
    [
      'a field of distributed maps in another map',
      { Type: 'Map', ItemProcessor: PROCESSOR, ItemReader: reader({}), Next: 'Done' },
      '/States/S/ItemReader needs a Map with Mode DISTRIBUTED',
    ],
    [
      'items beside a reader',
      distributed({ Items: [1], ItemReader: reader({}) }),
      '/States/S/Items is not supported beside ItemReader',
    ],
    [
      'a list of objects as items',
      distributed({ ItemReader: { ...reader({}), Resource: 'arn:aws:states:::s3:listObjectsV2' } }),
      '/States/S/ItemReader/Resource must be arn:aws:states:::s3:getObject, not "arn:aws:states:::s3:listObjectsV2"',
    ],
    [
      'an input type',
      distributed({ ItemReader: reader({ InputType: 'PARQUET' }) }),
      '/States/S/ItemReader/ReaderConfig/InputType must be CSV or JSON or JSONL, not "PARQUET"',
    ],
    [
      'a version of an object',
      distributed({
        ItemReader: { ...reader({}), Arguments: { Bucket: 'b', Key: 'k', VersionId: 'v' } },
      }),
      '/States/S/ItemReader/Arguments/VersionId is not supported here',
    ],
    [
      'a reader without its key',
      distributed({ ItemReader: { ...reader({}), Arguments: { Bucket: 'b' } } }),
      '/States/S/ItemReader/Arguments/Key is missing',
    ],
    [
      'a table without its headers',
      distributed({ ItemReader: reader({ InputType: 'CSV', CSVHeaderLocation: 'GIVEN' }) }),
      '/States/S/ItemReader/ReaderConfig/CSVHeaders must be a list with at least one element',
    ],
    [
      'a field of tables for lines of JSON',
      distributed({ ItemReader: reader({ InputType: 'JSONL', CSVDelimiter: 'TAB' }) }),
      '/States/S/ItemReader/ReaderConfig/CSVDelimiter needs the InputType CSV',
    ],
    [
      'more items than AWS takes',
      distributed({ ItemReader: reader({ MaxItems: 100_000_001 }) }),
      '/States/S/ItemReader/ReaderConfig/MaxItems must be an integer of at least 0 and at most 100000000',
    ],
    [
      'a batch without a limit',
      distributed({ ItemBatcher: { BatchInput: {} } }),
      '/States/S/ItemBatcher must have MaxItemsPerBatch or MaxInputBytesPerBatch',
    ],
    [
      'a writer without its bucket',
      distributed({ ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: {} } }),
      '/States/S/ResultWriter/Arguments/Bucket is missing',
    ],
    [
      'lines of JSON as the output of a state',
      distributed({ ResultWriter: { WriterConfig: { Transformation: 'NONE', OutputType: 'JSONL' } } }),
      '/States/S/ResultWriter/WriterConfig/OutputType must be JSON, not "JSONL"',
    ],
    [
      'a label with a slash',
      distributed({ Label: 'a/b' }),
      '/States/S/Label must be a text of 1 to 40 characters without blanks, brackets, wildcards and signs',
    ],
    [
      'more failures than all',
      distributed({ ToleratedFailurePercentage: 100.1 }),
      '/States/S/ToleratedFailurePercentage must be a number of at least 0 and at most 100',
    ],
    [
      'a field deep inside a branch',
      {
        Type: 'Parallel',
        Branches: [{ StartAt: 'P', States: { P: { Type: 'Pass', InputPath: '$', End: true } } }],
        Next: 'Done',
      },
      '/States/S/Branches/0/States/P/InputPath is not supported here',
    ],
    [
      'a JSONPath state in a JSONata machine',
      { Type: 'Pass', QueryLanguage: 'JSONPath', Next: 'Done' },
      '/States/S/QueryLanguage "JSONPath" is not supported in a JSONata machine',
    ],
    [
      'an assignment to $states',
      { Type: 'Pass', Assign: { states: 1 }, Next: 'Done' },
      '/States/S/Assign/states is a reserved variable',
    ],
  ])('%s', (_what, state, problem) => {
    expect(problemsOf(state)).toContain(problem);
  });

  it('a label that another Map has', () => {
    const twice = { ...distributed({ Label: 'Rows' }), End: true, Next: undefined };
    const processor = { StartAt: 'Inner', States: { Inner: twice } };
    const ProcessorConfig = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };
    const outer = distributed({ Label: 'Rows', ItemProcessor: { ...processor, ProcessorConfig } });
    expect(problemsOf(outer)).toContain('/States/S/ItemProcessor/States/Inner/Label is there twice');
  });

  it('an expression that is no JSONata', () => {
    const [problem] = problemsOf({ Type: 'Pass', Output: { a: ['{% $sum( %}'] }, Next: 'Done' });
    expect(problem).toContain('/States/S/Output/a/0 is not valid JSONata');
  });

  it('what stands beside the states', () => {
    expect(problemsOf(DONE, { TimeoutSeconds: 0 })).toEqual([
      '/TimeoutSeconds must be an integer of at least 1',
    ]);
    expect(problemsOf(DONE, { StartAt: 'X', Extra: 1 })).toEqual([
      '/Extra is not supported here',
      '/StartAt "X" is no state here',
    ]);
    expect(problemsOfDefinition([])).toEqual([' must be an object']);
  });

  it('everything that is wrong at once', () => {
    expect(problemsOf({ Type: 'Pass', Result: 1, InputPath: '$', Next: 'Nowhere' })).toHaveLength(3);
  });
});

describe('a JSONPath state', () => {
  it('is taken where it has no field with data in it', () => {
    const States = { S: { Type: 'Pass', Next: 'F' }, F: { Type: 'Fail', Cause: 'why' } };
    expect(problemsOfDefinition({ StartAt: 'S', States })).toEqual([]);
  });

  it('is refused where what looks like an expression would be a literal', () => {
    const States = { F: { Type: 'Fail', Cause: '{% $cause %}' } };
    expect(problemsOfDefinition({ StartAt: 'F', States })).toEqual([
      '/States/F/Cause is not supported in a JSONPath state, only JSONata',
    ]);
  });
});
