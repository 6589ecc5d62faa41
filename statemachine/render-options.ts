import type { RenderMediaOnLambdaInput } from '@remotion/lambda/client';

/**
 * What becomes of an option of `renderMediaOnLambda` in a request:
 * - `passed`: it goes to Remotion as it is, and does what Remotion says;
 * - `default`: likewise, but where the request does not set it, the workflow does;
 * - `carried`: it acts on Remotion's own copy of the video, and the workflow lets it act on the delivered one;
 * - `owned`: the workflow sets it, a request may not;
 * - `refused`: a request may not set it, and `why` says what to do instead.
 */
export interface RenderOption {
  readonly handling: 'passed' | 'default' | 'carried' | 'owned' | 'refused';
  /** What a person should know; empty where Remotion's documentation says it all. */
  readonly why: string;
}

const passed = (why = '') => ({ handling: 'passed', why }) as const;
const owned = (why = 'the workflow sets it') => ({ handling: 'owned', why }) as const;
const refused = (why: string) => ({ handling: 'refused', why }) as const;

/**
 * Every option of `renderMediaOnLambda` in the installed version, so that a new Remotion does not compile until
 * somebody has said what becomes of its new ones. Options that are not here are passed.
 * Source: https://www.remotion.dev/docs/lambda/rendermediaonlambda
 */
export const RENDER_OPTIONS = {
  apiKey: refused('the licence key is a setting of the stack'),
  audioBitrate: passed(),
  audioCodec: passed('with `codec` it decides the extension of the video'),
  chromiumOptions: passed(),
  codec: passed('required; it decides the extension and the `Content-Type` of the video'),
  colorSpace: passed(),
  composition: passed('required'),
  concurrency: passed(),
  concurrencyPerLambda: passed(),
  crf: passed(),
  deleteAfter: passed("how long Remotion keeps its own files; the delivered video is the destination's"),
  downloadBehavior: {
    handling: 'carried',
    why: "becomes the `Content-Disposition` of the delivered video, as `destination.contentDisposition` does; not both. Remotion's own copy has a random name there, by which the workflow finds the render",
  },
  dumpBrowserLogs: passed(),
  enableCancellation: owned('the workflow sets it, so that the render of a stopped execution stops'),
  encodingBufferSize: passed(),
  encodingMaxRate: passed(),
  envVariables: passed('they stay readable in the execution history: put no secret there'),
  everyNthFrame: passed(),
  forceBucketName: owned(),
  forceDurationInFrames: passed(),
  forceFps: passed(),
  forceHeight: passed(),
  forcePathStyle: owned(),
  forceWidth: passed(),
  frameRange: passed(),
  framesPerLambda: passed(),
  functionName: owned(),
  gopSize: passed(),
  imageFormat: passed(),
  inputProps: passed(
    'or `inputPropsUri`, for props that do not fit into an execution; Remotion uploads what its own payload cannot take, escaped',
  ),
  isProduction: passed(),
  jpegQuality: passed(),
  licenseKey: refused('the licence key is a setting of the stack'),
  logLevel: {
    handling: 'default',
    why: "`warn` unless the request says otherwise: from `info` on Remotion's function logs the props",
  },
  maxRetries: passed(),
  mediaCacheSizeInBytes: passed(),
  metadata: passed('goes into the video file, where everybody who has it can read it'),
  muted: passed(),
  numberOfGifLoops: passed(),
  offthreadVideoCacheSizeInBytes: passed(),
  offthreadVideoThreads: passed(),
  outName: refused('say with "destination" where the video goes'),
  overwrite: refused('say "destination.overwrite"; Remotion\'s own key is new for each render'),
  pixelFormat: passed(),
  preferLossless: passed(),
  privacy: {
    handling: 'default',
    why: "`private` unless the request says otherwise; it is the ACL of Remotion's own copy, and the delivered video has none. A stack with a renderer of its own refuses `public`: nothing in its bucket is",
  },
  proResProfile: passed(),
  quality: passed('renamed by Remotion to `jpegQuality`, and refused by it'),
  region: owned(),
  rendererFunctionName: owned(),
  requestHandler: owned(),
  sampleRate: passed(),
  scale: passed(),
  serveUrl: {
    handling: 'default',
    why: "the stack's `defaultServeUrl` unless the request says otherwise",
  },
  storageClass: refused('say "destination.storageClass"; Remotion\'s own copy must be there at once'),
  timeoutInMilliseconds: passed(),
  videoBitrate: passed(),
  webhook: passed('without a `secret`, which would stay readable in the execution history'),
  x264Preset: passed(),
} as const satisfies Record<keyof RenderMediaOnLambdaInput, RenderOption>;

/** Options that no request may have. */
export type OptionNotOfARequest = {
  [Name in keyof typeof RENDER_OPTIONS]: (typeof RENDER_OPTIONS)[Name]['handling'] extends 'owned' | 'refused'
    ? Name
    : never;
}[keyof typeof RENDER_OPTIONS];
