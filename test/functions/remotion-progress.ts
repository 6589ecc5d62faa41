import type { RemotionProgress } from '../../functions/render/remotion-progress.ts';
import type { StartedRender } from '../../statemachine/contract.ts';

export const STARTED_AT = Date.parse('2026-01-01T12:00:00Z');

export const startedRender: StartedRender = {
  jobId: 'order-4711',
  renderId: 'abcde12345',
  bucketName: 'remotionlambda-useast1-example',
  destination: { bucket: 'videos' },
  startedAt: STARTED_AT,
  logsUrl: 'https://logs.example/abcde12345',
  folderInS3Console: 'https://s3.example/abcde12345',
};

const renderMetadata = {
  type: 'video',
  frameRange: [0, 89],
  everyNthFrame: 1,
  inputProps: { type: 'payload', payload: JSON.stringify({ secret: 'x'.repeat(1000) }) },
} as unknown as NonNullable<RemotionProgress['renderMetadata']>;

/** What `getRenderProgress` answers half-way through a render of 90 frames, with changes over it. */
export function remotionProgress(changes: Partial<RemotionProgress> = {}): RemotionProgress {
  return {
    done: false,
    overallProgress: 0.5,
    framesRendered: 45,
    encodingStatus: { framesEncoded: 40, combinedFrames: 0, timeToCombine: null },
    lambdasInvoked: 2,
    costs: { accruedSoFar: 0.0012, displayCost: '$0.001', currency: 'USD', disclaimer: 'Estimated' },
    errors: [],
    serveUrlOpened: STARTED_AT + 1_000,
    fatalErrorEncountered: false,
    renderMetadata,
    outBucket: null,
    outKey: null,
    outputSizeInBytes: null,
    timeToFinish: null,
    ...changes,
  } as RemotionProgress;
}

export const finishedProgress = remotionProgress({
  done: true,
  overallProgress: 1,
  framesRendered: 90,
  outBucket: 'remotionlambda-useast1-example',
  outKey: 'renders/abcde12345/out.mp4',
  outputSizeInBytes: 123_456,
  timeToFinish: 8_000,
});

type RemotionError = RemotionProgress['errors'][number];

/** An error of Remotion's progress that ends the render, with changes over it. */
export function remotionError(changes: Partial<RemotionError> = {}): RemotionError {
  return {
    type: 'renderer',
    name: 'TypeError',
    message: 'Cannot read properties of undefined',
    stack: 'a very long stack'.repeat(100),
    frame: null,
    chunk: null,
    isFatal: true,
    willRetry: false,
    attempt: 1,
    totalAttempts: 1,
    tmpDir: null,
    s3Location: '',
    explanation: null,
    ...changes,
  };
}
