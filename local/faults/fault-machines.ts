import { join } from 'node:path';
import {
  type FaultMachine,
  type FaultMachineOptions,
  startFaultMachine,
  synthesizeForFaults,
} from './fault-machine.ts';

/** What the stack of a run is set to. */
export interface StackSettings {
  /** Deletes the files of a render once its video is delivered. @default false */
  readonly deletesSource?: boolean;
}

/** Synthesizes the stacks of all settings. @param directory where the cloud assemblies go */
export async function synthesizeStacks(directory: string): Promise<void> {
  const settings: StackSettings[] = [{}, { deletesSource: true }];
  await Promise.all(
    settings.map((each) =>
      synthesizeForFaults(assemblyOf(directory, each), { deleteSource: String(each.deletesSource ?? false) }),
    ),
  );
}

/** The machines of a process, each started when it is first needed. */
export class FaultMachines {
  readonly #options: FaultMachineOptions;
  readonly #started = new Map<string, Promise<FaultMachine>>();

  /** @param options its `assembly` is the folder that `synthesizeStacks` has filled */
  constructor(options: FaultMachineOptions) {
    this.#options = options;
  }

  of(settings: StackSettings): Promise<FaultMachine> {
    const assembly = assemblyOf(this.#options.assembly, settings);
    const machine = this.#started.get(assembly) ?? startFaultMachine({ ...this.#options, assembly });
    this.#started.set(assembly, machine);
    return machine;
  }

  async stop(): Promise<void> {
    for (const machine of this.#started.values()) await (await machine).stop();
  }
}

function assemblyOf(directory: string, { deletesSource = false }: StackSettings): string {
  return join(directory, deletesSource ? 'deletes-source' : 'default');
}
