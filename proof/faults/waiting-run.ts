import type { FaultSource } from './fault-kind.ts';
import type { FaultMachine } from './fault-machine.ts';
import { LIMIT } from './fault-machines.ts';
import { JobRun } from './job-run.ts';
import type { Job, Outcome } from './run.ts';
import type { Scenario } from './scenario.ts';
import { readTurnObjects, TurnWatch } from './turn-watch.ts';

/** Seconds after which the renders ahead have their places. */
const UNDER_WAY = 10;

/** Minutes in which there is a sweep every minute. */
const OFTEN = 4;

/** A job that comes when others have the places, with the sweep that the stack makes every minute. */
export class WaitingRun extends JobRun {
  readonly #machine: FaultMachine;
  readonly #ahead: readonly JobRun[];
  readonly #stopsAheadAfter: number | undefined;
  readonly #watch: TurnWatch;
  #isOver = false;

  constructor(machine: FaultMachine, job: string, scenario: Scenario) {
    super(machine, job, scenario);
    this.#machine = machine;
    this.#stopsAheadAfter = scenario.stopsAheadAfterSeconds;
    const { name, ahead = [] } = scenario;
    this.#ahead = ahead.map(
      (seconds, i) => new JobRun(machine, `${job}-ahead-${i}`, { name, scripts: [{ seconds }] }),
    );
    this.#watch = new TurnWatch(machine, [this, ...this.#ahead], LIMIT);
  }

  override get jobs(): readonly Job[] {
    return [this, ...this.#ahead];
  }

  override async run(fault: FaultSource): Promise<Outcome> {
    const { clock } = this.#machine.time;
    for (const job of this.#ahead) job.startAgain();
    await clock.sleep(UNDER_WAY * 1000);
    void this.#sweepEveryMinute();
    void this.#stopAhead();
    return super.run((call) => {
      this.#watch.see(call);
      return fault(call);
    });
  }

  override async problems(): Promise<string[]> {
    // What was refused for as long as there were faults, the next sweep does.
    this.#machine.runSchedules();
    await this.#machine.time.clock.sleep(60_000);
    const isOver = this.jobs.every(({ executions }) =>
      executions.every(({ status }) => status !== 'RUNNING'),
    );
    const { line, places } = await readTurnObjects(this.#machine);
    const isRendering = this.#ahead.some((job) => job.isRendering);
    return [
      ...(await this.#watch.problems(Number.POSITIVE_INFINITY)),
      ...(isOver ? [] : ['an execution waits for ever']),
      ...(isRendering ? ['a render ahead runs on'] : []),
      ...(line.length > 0 ? [`${line.length} tickets are left`] : []),
      ...(places.length > 0 ? [`${places.length} places are left`] : []),
    ];
  }

  override async cleanUp(): Promise<void> {
    this.#isOver = true;
    await super.cleanUp();
    for (const job of this.#ahead) await job.cleanUp();
  }

  /** Seldom later on, when only what comes very late is left to be found. */
  async #sweepEveryMinute(): Promise<void> {
    for (let sweep = 0; !this.#isOver; sweep += 1) {
      this.#machine.runSchedules();
      await this.#machine.time.clock.sleep(sweep < OFTEN ? 60_000 : 480_000);
    }
  }

  async #stopAhead(): Promise<void> {
    if (this.#stopsAheadAfter === undefined) return;
    await this.#machine.time.clock.sleep(this.#stopsAheadAfter * 1000);
    this.#ahead[0]?.executions[0]?.stop('Stopped', 'By the scenario');
  }
}
