import { constants } from 'node:os';
import { createInterface } from 'node:readline';

/** Ctrl-C or a signal that asks to end, while an execution is watched. */
export interface Interruption {
  /** Aborted by the first one. */
  readonly signal: AbortSignal;
  /** 128 and the number of the signal that came, as a shell has it. */
  readonly exitStatus: number;
  /** Lets signals end the process again. */
  stopListening(): void;
}

/** Keeps signals from ending the process, so that what is left can be told. npm passes each on a second time. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  let number: number = constants.signals.SIGINT;
  const interrupt = (name: NodeJS.Signals) => {
    if (!controller.signal.aborted) number = constants.signals[name];
    controller.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    get exitStatus() {
      return 128 + number;
    },
    stopListening: () => void process.off('SIGINT', interrupt).off('SIGTERM', interrupt),
  };
}

/** Whether there is a person who can be asked. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks on the terminal; only a yes is one. Ctrl-C and Ctrl-D are no. */
export function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    terminal.once('SIGINT', () => terminal.close());
    terminal.once('close', () => resolve(false));
    terminal.question(`${question} [y/N] `, (answer) => {
      resolve(/^y(es)?$/i.test(answer.trim()));
      terminal.close();
    });
  });
}
