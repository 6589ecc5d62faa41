/**
 * How a render's progress.json changed over time, reduced to what decides when it is finished. Times are in
 * milliseconds since StartRender answered.
 */
export interface RenderTrace {
  readonly name: string;
  /** Where it comes from. */
  readonly source: 'recorded' | 'generated';
  readonly framesTotal: number;
  readonly chunksTotal: number;
  readonly hasAudio: boolean;
  /** When the video was in the bucket. */
  readonly outputAt: number;
  /** Every version of progress.json, in the order of its time; the last one is the finished render's. */
  readonly versions: readonly TraceVersion[];
}

/** One version of progress.json. */
export interface TraceVersion {
  /** When it could be read. */
  readonly at: number;
  readonly siteOpened: boolean;
  /** Whether Remotion has read the composition, from when on the frames are known. */
  readonly compositionRead: boolean;
  readonly lambdasInvoked: number;
  readonly framesRendered: number;
  readonly framesEncoded: number;
  readonly chunksDone: number;
  readonly combinedFrames: number;
  /** Whether the chunks are one video, which then is uploaded. */
  readonly combined: boolean;
  readonly retries: number;
}

/** As committed: a version is a line of its numbers in the order of `TraceVersion`, true as 1. */
type TraceFile = Omit<RenderTrace, 'versions'> & { readonly versions: readonly number[][] };

/** Reads a committed trace. */
export function parseTrace(text: string): RenderTrace {
  const { versions, ...trace } = JSON.parse(text) as TraceFile;
  return {
    ...trace,
    versions: versions.map((line) => {
      const [at = 0, site, composition, lambdasInvoked = 0, framesRendered = 0, ...rest] = line;
      const [framesEncoded = 0, chunksDone = 0, combinedFrames = 0, combined, retries = 0] = rest;
      return {
        at,
        siteOpened: site === 1,
        compositionRead: composition === 1,
        lambdasInvoked,
        framesRendered,
        framesEncoded,
        chunksDone,
        combinedFrames,
        combined: combined === 1,
        retries,
      };
    }),
  };
}

/** Writes a trace for committing, a version a line. */
export function formatTrace({ versions, ...trace }: RenderTrace): string {
  const lines = versions.map((version) => JSON.stringify(Object.values(version).map(Number)));
  return `${JSON.stringify(trace, null, 2).slice(0, -2)},\n  "versions": [\n    ${lines.join(',\n    ')}\n  ]\n}\n`;
}

/**
 * When Remotion's client first calls the render finished, in milliseconds since it was started: by the last
 * version, or earlier where it looks for the video once the chunks are combined, which it does without audio.
 */
export function finishOf({ versions, outputAt, framesTotal, hasAudio }: RenderTrace): number {
  const last = versions.at(-1)?.at ?? 0;
  if (hasAudio) return last;
  const combined = versions.find((version) => version.combined && version.combinedFrames >= framesTotal);
  return Math.min(last, Math.max(outputAt, combined?.at ?? last));
}
