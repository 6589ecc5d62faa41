import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Which part of the work a process does: `index` from 0, of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Processes that share the work: more than four gain little, the start of each takes seconds. */
export const SHARDS = Math.min(4, Math.max(1, availableParallelism()));

/**
 * Runs a module in several processes at once, each with `--shard INDEX/COUNT`, and hands on the messages that they
 * send. Rejects when one of them ends with anything but 0.
 */
export async function inShards<Message>(
  module: string,
  options: readonly string[],
  onMessage: (message: Message) => void,
  count: number = SHARDS,
): Promise<void> {
  const children = Array.from({ length: count }, (_, index) =>
    fork(module, [...options, '--shard', `${index}/${count}`]),
  );
  try {
    await Promise.all(
      children.map((child) => {
        child.on('message', (message) => onMessage(message as Message));
        return new Promise<void>((resolve, reject) => {
          child.once('error', reject);
          child.once('exit', (code, signal) =>
            code === 0
              ? resolve()
              : reject(new Error(`A process of the fault run ended with ${signal ?? code}.`)),
          );
        });
      }),
    );
  } finally {
    for (const child of children) child.kill();
  }
}

/** Reads `INDEX/COUNT`. */
export function parseShard(text: string): Shard {
  const [index = 0, count = 1] = text.split('/').map(Number);
  return { index, count };
}
