import type { Execution } from '../../../local/stepfunctions/execution.ts';
import type { Json } from '../../../local/stepfunctions/json.ts';
import type { MapRun } from '../../../local/stepfunctions/map-run.ts';
import type { StepFunctions } from '../../../local/stepfunctions/step-functions.ts';
import type { LambdaInvocation, TaskServices } from '../../../local/stepfunctions/task-services.ts';
import { memoryBuckets } from '../../../proof/conformance/memory-buckets.ts';
import { jsonataMachine, virtualStepFunctions } from './run-machine.ts';

/** The states that pass an item on. */
export const PASS = { Item: { Type: 'Pass', End: true } };

/** Waits as many seconds as the item says, then fails if it says so. */
export const WAIT_THEN_FAIL = {
  Wait: { Type: 'Wait', Seconds: '{% $states.input.wait %}', Next: 'Decide' },
  Decide: {
    Type: 'Choice',
    Choices: [{ Condition: '{% $states.input.fail = true %}', Next: 'Fail' }],
    Default: 'Done',
  },
  Fail: { Type: 'Fail', Error: 'ItemFailed', Cause: 'on purpose' },
  Done: { Type: 'Succeed' },
};

/** Calls `work` with the item and gives what it answers. */
export const WORK = {
  Work: {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: 'work', Payload: '{% $states.input %}' },
    Output: '{% $states.result.Payload %}',
    End: true,
  },
};

/** A distributed Map labelled `Rows`, whose items come from the input unless `rest` says otherwise. */
export function distributedMap(rest: object = {}, states: object = PASS): object {
  return {
    Type: 'Map',
    Label: 'Rows',
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: Object.keys(states)[0],
      States: states,
    },
    End: true,
    ...rest,
  };
}

/** A machine of this one Map. */
export function mapMachine(rest: object = {}, states: object = PASS): string {
  return jsonataMachine('Map', { Map: distributedMap(rest, states) });
}

/** Reads `s3://tables/<key>`. */
export function reader(Key: string, ReaderConfig: object): object {
  return {
    Resource: 'arn:aws:states:::s3:getObject',
    Arguments: { Bucket: 'tables', Key },
    ReaderConfig,
  };
}

/** Writes to `s3://results/out`. */
export function writer(WriterConfig?: object): object {
  return {
    Resource: 'arn:aws:states:::s3:putObject',
    Arguments: { Bucket: 'results', Prefix: 'out' },
    ...(WriterConfig && { WriterConfig }),
  };
}

/** Step Functions in virtual time, with these texts in the bucket `tables`. */
export function withTables(
  tables: Record<string, string> = {},
  work?: (invocation: LambdaInvocation) => Promise<Json>,
  services: Partial<TaskServices> = {},
) {
  const objects = Object.entries(tables).map(([key, text]) => [key, { text }]);
  const { texts, ...s3 } = memoryBuckets({ tables: Object.fromEntries(objects) });
  return { texts, ...virtualStepFunctions(work, { services: { ...s3, ...services } }) };
}

/** The Map Run of an execution that has one, the latest. */
export function mapRunOf(stepFunctions: StepFunctions, execution: Execution): MapRun {
  return stepFunctions.mapRuns.of(execution.arn).at(-1) as MapRun;
}

/** The executions of its Map Run, in the order of the items; undefined where one is pending. */
export function childrenOf(stepFunctions: StepFunctions, execution: Execution): (Execution | undefined)[] {
  return mapRunOf(stepFunctions, execution).children.map(
    (child) => child.execution && stepFunctions.execution(child.execution.arn),
  );
}

export function outputOf({ outputText = 'null' }: Execution): Json {
  return JSON.parse(outputText) as Json;
}
