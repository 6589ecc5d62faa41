import { AwsError } from '../aws.ts';
import type { ItemProcessor } from './definition.ts';
import type { Engine, Execution, PartOfMapRun, StateMachine } from './execution.ts';
import { MapRun, type MapRunLimits } from './map-run.ts';
import { nameBasedUuid } from './name-based-uuid.ts';
import type { MapRunRequest } from './run.ts';
import { StateFailure } from './state-failure.ts';
import type { TaskCaller } from './task-services.ts';

const MAP_RUN_ARN = /^arn:aws:states:[a-z0-9-]+:\d{12}:mapRun:[^:/]+\/[^:/]+:[^:/]+$/;

/** Starts an execution that is part of a Map Run. */
export type StartChild = (
  machine: StateMachine,
  name: string,
  inputText: string,
  partOf: PartOfMapRun,
) => Execution;

/** The Map Runs of all executions, in memory. */
export class MapRuns {
  readonly #runs = new Map<string, MapRun>();
  readonly #options: Pick<Engine, 'clock' | 'uuid' | 'services'>;
  readonly #startChild: StartChild;

  constructor(options: Pick<Engine, 'clock' | 'uuid' | 'services'>, startChild: StartChild) {
    this.#options = options;
    this.#startChild = startChild;
  }

  /** Begins a run of a Map in an execution of the machine. */
  start(machine: StateMachine, { caller, label, stateName, processor, limits }: MapRunRequest): MapRun {
    const { clock, uuid } = this.#options;
    const ownArn = machine.arn.split('/')[0] ?? '';
    const childMachine = machineOf(machine, processor, label ?? nameBasedUuid(`${ownArn} ${stateName}`));
    const mapRun: MapRun = new MapRun({
      arn: `${childMachine.arn.replace(':stateMachine:', ':mapRun:')}:${uuid()}`,
      executionArn: caller.executionArn,
      stateMachineArn: childMachine.arn,
      clock,
      limits,
      start: ({ inputText, itemCount }, index) => {
        this.#authorize(caller, 'states:StartExecution', ownArn);
        const name = nameBasedUuid(`${mapRun.arn} ${index}`);
        return this.#startChild(childMachine, name, inputText, { mapRunArn: mapRun.arn, itemCount });
      },
      authorize: (action, executionArn) => this.#authorize(caller, action, executionArn),
    });
    this.#runs.set(mapRun.arn, mapRun);
    return mapRun;
  }

  /** Throws AwsError `InvalidArn` or `ResourceNotFound`. */
  get(arn: string): MapRun {
    if (!MAP_RUN_ARN.test(arn)) throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'`);
    const mapRun = this.#runs.get(arn);
    if (!mapRun) throw new AwsError('ResourceNotFound', `Resource not found: '${arn}'`);
    return mapRun;
  }

  /**
   * Changes limits of a run that is under way. Throws AwsError as `get`, and `ValidationException` for a limit
   * out of range, or (belief) a run that has ended.
   */
  update(arn: string, limits: Partial<MapRunLimits>): void {
    const mapRun = this.get(arn);
    const { maxConcurrency = 0, toleratedFailureCount = 0, toleratedFailurePercentage = 0 } = limits;
    for (const [field, value] of Object.entries({ maxConcurrency, toleratedFailureCount })) {
      if (!Number.isInteger(value) || value < 0) throw outOfRange(field, value, 'greater than or equal to 0');
    }
    if (toleratedFailurePercentage < 0 || toleratedFailurePercentage > 100) {
      throw outOfRange('toleratedFailurePercentage', toleratedFailurePercentage, 'between 0 and 100');
    }
    if (mapRun.status !== 'RUNNING') {
      throw new AwsError('ValidationException', `The Map Run is ${mapRun.status} and cannot be updated`);
    }
    mapRun.update(limits);
  }

  /** Those of an execution, in the order of their start. */
  of(executionArn: string): MapRun[] {
    return [...this.#runs.values()].filter((mapRun) => mapRun.executionArn === executionArn);
  }

  #authorize(caller: TaskCaller, action: string, resource: string): void {
    try {
      this.#options.services.authorize(caller, { action, resource });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      // Recorded on AWS for a redrive; for the other calls it is belief.
      throw new StateFailure(
        'States.Runtime',
        `Error contacting AWS Service. | Message from Service: ${error.message} ` +
          '(Service: Sfn, Status Code: 400, Request ID: 00000000-0000-0000-0000-000000000000) (SDK Attempt Count: 1)',
      );
    }
  }
}

/** Named like the machine with the Map, also (belief) for a Map within a Map. */
function machineOf(machine: StateMachine, processor: ItemProcessor, label: string): StateMachine {
  const { ProcessorConfig: _, ...definition } = processor;
  return {
    ...machine,
    arn: `${machine.arn.split('/')[0]}/${label}`,
    label,
    definition,
    definitionText: JSON.stringify(definition),
  };
}

function outOfRange(field: string, value: number, range: string): AwsError {
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: ` +
      `Member must have value ${range}`,
  );
}
