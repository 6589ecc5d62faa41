import { setTimeout } from 'node:timers/promises';

/** Waits until the condition holds, five seconds at most; returns what it last was. */
export async function until(condition: () => boolean): Promise<boolean> {
  const deadline = Date.now() + 5000;
  while (!condition() && Date.now() < deadline) await setTimeout(10);
  return condition();
}
