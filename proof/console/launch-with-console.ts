import { CONSOLE_PATH, createConsole } from '../../cli/console/console-handler.ts';
import { createRenderClients } from '../../cli/render-clients.ts';
import { type Launched, type LaunchOptions, launch } from '../../local/launch.ts';
import { decidedCalls } from '../../permissions/decided-calls.ts';
import { readPolicies } from '../../permissions/read-policies.ts';
import { createFaultSwitch } from '../faults/fault-switch.ts';

/** Decisions that the page is given at once. */
const CALLS_AT_ONCE = 2_000;

/** Runs the stack on this machine with the page at its endpoint. */
export async function launchWithConsole(
  options: Pick<LaunchOptions, 'port' | 'context' | 'working'>,
): Promise<Launched & { readonly consoleUrl: string }> {
  const stack = () => machine.stack;
  const { intercept, interceptInvocation, ...faults } = createFaultSwitch({ stack });
  const machine = await launch({ ...options, intercept, interceptInvocation });
  const { endpoint, clientConfig, logFile, access, assembly } = machine;
  let policies: ReturnType<typeof decidedCalls> | undefined;
  const { handle } = createConsole({
    clients: createRenderClients(clientConfig),
    stateMachineArn: machine.stack.outputs.StateMachineArn ?? '',
    findBatchMachine: async () => machine.stack.outputs.BatchStateMachineArn,
    endpoint,
    isOpen: true,
    machine: {
      ...faults,
      logFile,
      callsAfter(number) {
        policies ??= decidedCalls(readPolicies(assembly));
        const { decided } = policies;
        return (
          access.calls
            .slice(number)
            .map((call, index) => ({ call, number: number + index + 1 }))
            // The person's own calls, those of the page among them, are no role's.
            .filter(({ call }) => call.principal !== 'administrator')
            .slice(-CALLS_AT_ONCE)
            .map(({ call, number: of }) => decided(call, of))
        );
      },
    },
  });
  machine.mount(CONSOLE_PATH, handle);
  return { ...machine, consoleUrl: `${endpoint}${CONSOLE_PATH}` };
}
