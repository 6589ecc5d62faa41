import {
  type FaultMachine,
  type FaultMachineOptions,
  startFaultMachine,
  synthesizedForFaults,
} from './fault-machine.ts';

/** How many renders run at once where they wait for each other. */
export const LIMIT = 2;

/** What the stack of a run is set to. */
export interface StackSettings {
  /** Deletes the files of a render once its video is delivered. @default false */
  readonly deletesSource?: boolean;
  /** How many renders may run at once. @default any number */
  readonly limit?: number;
  /** Whether it renders tables too. @default false */
  readonly batches?: boolean;
}

const ALL: readonly StackSettings[] = [{}, { deletesSource: true }, { limit: LIMIT }, { batches: true }];

const assemblyOf = ({ deletesSource = false, limit, batches = false }: StackSettings) =>
  synthesizedForFaults({
    deleteSource: String(deletesSource),
    ...(batches && { renderBatch: 'true' }),
    ...(limit !== undefined && { maxConcurrentRenders: String(limit) }),
  });

/** Synthesizes the stacks of all settings, so that the processes of a run find them. */
export async function synthesizeStacks(): Promise<void> {
  await Promise.all(ALL.map(assemblyOf));
}

/** The machines of a process, each started when it is first needed. */
export class FaultMachines {
  readonly #options: Omit<FaultMachineOptions, 'assembly'>;
  /** By their settings. */
  readonly #started = new Map<string, Promise<FaultMachine>>();

  constructor(options: Omit<FaultMachineOptions, 'assembly'>) {
    this.#options = options;
  }

  of({ deletesSource = false, limit, batches = false }: StackSettings): Promise<FaultMachine> {
    const settings = { deletesSource, batches, ...(limit !== undefined && { limit }) };
    const key = JSON.stringify(settings);
    const machine = this.#started.get(key) ?? this.#start(settings);
    this.#started.set(key, machine);
    return machine;
  }

  async #start(settings: StackSettings): Promise<FaultMachine> {
    return startFaultMachine({ ...this.#options, assembly: await assemblyOf(settings) });
  }

  async stop(): Promise<void> {
    for (const machine of this.#started.values()) await (await machine).stop();
  }
}
