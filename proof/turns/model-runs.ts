/** One search of the model in docs/decisions/turns.pml through every order of steps. */
export interface ModelRun {
  /** What the model is asked, in words. */
  readonly what: string;
  /** Definitions of the model, such as `N=2`; what is left out is as the model has it. */
  readonly define: readonly string[];
  /** What is found: nothing, or what taking a part of the protocol away breaks. */
  readonly finds: 'nothing' | 'too many renders' | 'somebody waits for ever';
  /** Takes gigabytes of memory, or many minutes: only with `--all`. */
  readonly isLarge?: true;
  /** Keeps two bits a state, and so may leave some out. */
  readonly isPartial?: true;
}

const NO_FAULTS = ['CRASHES=0', 'STOPS=0', 'AGAINS=0'];

/** What docs/decisions/turns.md shows. */
export const MODEL_RUNS: readonly ModelRun[] = [
  {
    what: '3 executions, limit 1, nothing fails, **no sweep**',
    define: ['N=3', 'NO_SWEEP', ...NO_FAULTS],
    finds: 'nothing',
  },
  {
    what: '3 executions, limit 2, nothing fails, **no sweep**',
    define: ['N=3', 'LIMIT=2', 'NO_SWEEP', ...NO_FAULTS],
    finds: 'nothing',
  },
  {
    what: '2 executions, limit 1, a function dies, a stop whose event is lost or doubled',
    define: ['N=2', 'AGAINS=0'],
    finds: 'nothing',
  },
  {
    what: '2 executions, limit 1, a function dies, a throttled render or a repeated AwaitTurn',
    define: ['N=2', 'STOPS=0'],
    finds: 'nothing',
  },
  {
    what: 'the same, and nobody leaves time to anybody',
    define: ['N=2', 'STOPS=0', 'SLOW'],
    finds: 'nothing',
    isLarge: true,
  },
  {
    what: '2 executions, a deploy makes the limit 1 of 2, a function dies',
    define: ['N=2', 'LIMIT=2', 'NEW_LIMIT=1', 'STOPS=0', 'AGAINS=0'],
    finds: 'nothing',
  },
  {
    what: '2 executions, a deploy makes the limit 2 of 1, a function dies',
    define: ['N=2', 'LIMIT=1', 'NEW_LIMIT=2', 'STOPS=0', 'AGAINS=0'],
    finds: 'nothing',
  },
  {
    what: '3 executions, a deploy makes the limit 1 of 2, a function dies',
    define: ['N=3', 'LIMIT=2', 'NEW_LIMIT=1', 'STOPS=0', 'AGAINS=0'],
    finds: 'nothing',
    isLarge: true,
  },
  {
    what: '3 executions, a deploy makes the limit 2 of 1, a function dies',
    define: ['N=3', 'LIMIT=1', 'NEW_LIMIT=2', 'STOPS=0', 'AGAINS=0'],
    finds: 'nothing',
    isLarge: true,
  },
  {
    what: '2 executions, limit 1, a death, a stop and a throttled render or a repeated AwaitTurn',
    define: ['N=2'],
    finds: 'nothing',
    isLarge: true,
  },
  {
    what: '3 executions, limit 2, the same, in part',
    define: ['N=3', 'LIMIT=2'],
    finds: 'nothing',
    isLarge: true,
    isPartial: true,
  },
  {
    what: 'without StartRender taking its place',
    define: ['N=2', 'STOPS=0', 'NO_TAKE'],
    finds: 'too many renders',
  },
  {
    what: 'places freed before the render is cancelled',
    define: ['N=2', 'CRASHES=0', 'AGAINS=0', 'RELEASE_FIRST'],
    finds: 'too many renders',
  },
  {
    what: 'without a second look at the line, and without the sweep; nothing fails',
    define: ['N=2', 'NO_SECOND_LOOK', 'NO_SWEEP', ...NO_FAULTS],
    finds: 'somebody waits for ever',
  },
  {
    what: "without AwaitTurn giving back its execution's last place",
    define: ['N=2', 'STOPS=0', 'NO_PREVIOUS'],
    finds: 'somebody waits for ever',
  },
  {
    what: 'without the sweep giving back a place for which nobody comes',
    define: ['N=2', 'STOPS=0', 'NO_UNTAKEN'],
    finds: 'somebody waits for ever',
  },
  {
    what: 'without the sweep, and a function dies',
    define: ['N=2', 'STOPS=0', 'AGAINS=0', 'NO_SWEEP'],
    finds: 'somebody waits for ever',
  },
];
