import {
  type FaultMachine,
  type FaultMachineOptions,
  startFaultMachine,
  synthesizedForFaults,
} from './fault-machine.ts';

/** What the stack of a run is set to. */
export interface StackSettings {
  /** Deletes the files of a render once its video is delivered. @default false */
  readonly deletesSource?: boolean;
}

const assemblyOf = (deletesSource: boolean) => synthesizedForFaults({ deleteSource: String(deletesSource) });

/** Synthesizes the stacks of all settings, so that the processes of a run find them. */
export async function synthesizeStacks(): Promise<void> {
  await Promise.all([false, true].map(assemblyOf));
}

/** The machines of a process, each started when it is first needed. */
export class FaultMachines {
  readonly #options: Omit<FaultMachineOptions, 'assembly'>;
  /** By `deletesSource`. */
  readonly #started = new Map<boolean, Promise<FaultMachine>>();

  constructor(options: Omit<FaultMachineOptions, 'assembly'>) {
    this.#options = options;
  }

  of({ deletesSource = false }: StackSettings): Promise<FaultMachine> {
    const machine = this.#started.get(deletesSource) ?? this.#start(deletesSource);
    this.#started.set(deletesSource, machine);
    return machine;
  }

  async #start(deletesSource: boolean): Promise<FaultMachine> {
    return startFaultMachine({ ...this.#options, assembly: await assemblyOf(deletesSource) });
  }

  async stop(): Promise<void> {
    for (const machine of this.#started.values()) await (await machine).stop();
  }
}
