/** What Remotion's start answers to a site that is a file (`convert-to-serve-url.ts` of its client). */
export const REFUSED_SITE =
  'Remotion Lambda can only render based on a URL in the cloud. It seems like you passed a local file: src/index.ts.';

/** What it answers when Lambda throttles its launch. */
export const THROTTLED_LAUNCH = 'TooManyRequestsException: Rate Exceeded.';

/** How a scripted render goes. With an empty script it succeeds. */
export interface RenderScript {
  /** Seconds from the launch until Remotion has read the composition. @default 1 */
  readonly startDelay?: number;
  /** Seconds that rendering takes after that. @default 4 */
  readonly seconds?: number;
  /** Fails when so much is rendered. */
  readonly failAtPercent?: number;
  /** Lambda throttles a function of it when so much is rendered. */
  readonly throttledAtPercent?: number;
  /** Seconds that the launch waits in Lambda's queue. @default 0 */
  readonly launchDelay?: number;
  /** Gets no further, until the function's time is up. */
  readonly hang?: 'before-metadata' | 'at-99';
  /** Writes the output, but its progress stays behind, so that Remotion's client will say that it timed out. */
  readonly liesAboutTimeout?: boolean;
  /** Writes the output and that it is complete, but not its last progress. */
  readonly losesLastProgress?: boolean;
  /** Does not look for `cancel.json`. */
  readonly finishesAfterCancel?: boolean;
  /** Answers the start with Remotion's own error, without starting anything. */
  readonly refusesStart?: string;
  /** How many files the composition emits beside the video. @default 0 */
  readonly artifacts?: number;
  /** @default 4096 */
  readonly outputSizeInBytes?: number;
}

const FIELDS: readonly (keyof RenderScript)[] = [
  'startDelay',
  'seconds',
  'failAtPercent',
  'throttledAtPercent',
  'launchDelay',
  'hang',
  'liesAboutTimeout',
  'losesLastProgress',
  'finishesAfterCancel',
  'refusesStart',
  'artifacts',
  'outputSizeInBytes',
];

/**
 * Reads the script of a job's n-th start, from 0: the field `scripts` of a request's `inputProps` has one for each,
 * and the last is that of all further ones. Throws Error, naming a field that no script has.
 */
export function readScript(inputProps: Readonly<Record<string, unknown>>, render: number): RenderScript {
  const scripts = (inputProps.scripts ?? []) as readonly RenderScript[];
  const script = scripts[render] ?? scripts.at(-1) ?? {};
  const unknown = Object.keys(script).find((name) => !(FIELDS as readonly string[]).includes(name));
  if (unknown) throw new Error(`A render's script has no field "${unknown}".`);
  return script;
}
