import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Which part of the work a process does: `index` from 0, of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Processes at once: more than four gain little, the start of each takes seconds. */
export const PROCESSES = Math.min(4, Math.max(1, availableParallelism()));

/**
 * Shares work between processes that run a module, each with `--shard INDEX/COUNT`, some at once, and hands on the
 * messages that they send. Rejects when one of them ends with anything but 0.
 *
 * @param count How many processes there are in all: what a process has loaded stays in its memory, so that long
 * work takes several, one after the other.
 */
export async function inShards<Message>(
  module: string,
  options: readonly string[],
  onMessage: (message: Message) => void,
  count: number = PROCESSES,
): Promise<void> {
  const running = new Set<ChildProcess>();
  const shards = Array.from({ length: count }, (_, index) => `${index}/${count}`).values();
  const runNext = async () => {
    for (const shard of shards) {
      const child = fork(module, [...options, '--shard', shard]);
      running.add(child);
      child.on('message', (message) => onMessage(message as Message));
      await new Promise<void>((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', (code, signal) =>
          code === 0
            ? resolve()
            : reject(new Error(`A process of the fault run ended with ${signal ?? code}.`)),
        );
      });
      running.delete(child);
    }
  };
  try {
    await Promise.all(Array.from({ length: PROCESSES }, runNext));
  } finally {
    for (const child of running) child.kill();
  }
}

/** Reads `INDEX/COUNT`. */
export function parseShard(text: string): Shard {
  const [index = 0, count = 1] = text.split('/').map(Number);
  return { index, count };
}
