import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { realClock, VirtualClock } from '../../local/clock.ts';

describe('the virtual clock', () => {
  it('wakes sleepers in the order of their time, an hour in no time', async () => {
    const clock = new VirtualClock(0);
    const woken: [string, number][] = [];
    const sleeper = async (name: string, seconds: number) => {
      await clock.sleep(seconds * 1000);
      woken.push([name, clock.now() / 1000]);
    };
    await Promise.all([sleeper('hour', 3600), sleeper('second', 1), sleeper('also a second', 1)]);
    expect(woken).toEqual([
      ['second', 1],
      ['also a second', 1],
      ['hour', 3600],
    ]);
  });

  it('lets everything that a woken sleeper sets off happen before it jumps again', async () => {
    const clock = new VirtualClock(0);
    const times: number[] = [];
    const chain = async () => {
      await clock.sleep(1000);
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
      await clock.sleep(1000);
      times.push(clock.now());
    };
    await Promise.all([chain(), clock.sleep(5000).then(() => times.push(clock.now()))]);
    expect(times).toEqual([2000, 5000]);
  });

  it('stands still during work that waits for something else', async () => {
    const clock = new VirtualClock(0);
    const timeout = new AbortController();
    const slept = clock.sleep(60_000, timeout.signal);
    slept.catch(() => {});
    await clock.holdDuring(() => readFile(fileURLToPath(import.meta.url)));
    await clock.holdDuring(() => new Promise((resolve) => setTimeout(resolve, 30)));
    expect(clock.now()).toBe(0);
    timeout.abort(new Error('the work was in time'));
    await expect(slept).rejects.toThrow('the work was in time');
    await clock.sleep(1);
    expect(clock.now()).toBe(1);
  });

  it('goes on to the next sleeper when one is aborted', async () => {
    const clock = new VirtualClock(0);
    const abort = new AbortController();
    const first = clock.sleep(1000, abort.signal);
    const second = clock.sleep(2000);
    abort.abort(new Error('no longer needed'));
    await expect(first).rejects.toThrow('no longer needed');
    await second;
    expect(clock.now()).toBe(2000);
  });
});

describe('the real clock', () => {
  it('sleeps and can be woken early with the reason', async () => {
    const before = realClock.now();
    await realClock.sleep(20);
    expect(realClock.now() - before).toBeGreaterThanOrEqual(20);
    const abort = new AbortController();
    const slept = realClock.sleep(60_000, abort.signal);
    abort.abort(new Error('stop'));
    await expect(slept).rejects.toThrow('stop');
  });
});
