import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';

/** What it takes to start, follow and fetch a render. */
export interface RenderClients {
  readonly sfn: SFNClient;
  readonly s3: S3Client;
}

/** What a failed call leaves on its error, beside what the SDK does. */
export interface CallDetails {
  /** As policies spell it, e.g. `states:StartExecution`. */
  readonly action: string;
  /** Where the call went; undefined where no region could be found. */
  readonly region: string | undefined;
  /** An endpoint of one's own instead of AWS's. */
  readonly endpoint: string | undefined;
}

/** Settings over those of the environment and the shared configuration files, which the SDK reads. */
export interface ClientSettings {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Clients whose errors carry `CallDetails`. */
export function createRenderClients(settings: ClientSettings = {}): RenderClients {
  const endpoint = settings.endpoint ?? process.env.AWS_ENDPOINT_URL;
  const sfn = new SFNClient(settings);
  const s3 = new S3Client({
    ...settings,
    followRegionRedirects: true,
    // An endpoint of one's own has no name for each bucket.
    forcePathStyle: endpoint !== undefined,
  });
  sfn.middlewareStack.add(describeCall('states', sfn.config.region, endpoint), { step: 'initialize' });
  s3.middlewareStack.add(describeCall('s3', s3.config.region, endpoint), { step: 'initialize' });
  return { sfn, s3 };
}

/** Middleware that leaves `CallDetails` on the errors of a client. @param service as policies spell it */
export function describeCall(
  service: string,
  findRegion: () => Promise<string>,
  endpoint: string | undefined,
) {
  return <Args, Result>(
    next: (args: Args) => Promise<Result>,
    { commandName = '' }: { commandName?: string },
  ) =>
    async (args: Args): Promise<Result> => {
      try {
        return await next(args);
      } catch (error) {
        const action = `${service}:${commandName.replace(/Command$/, '')}`;
        const region = await findRegion().catch(() => undefined);
        throw Object.assign(error as Error, { action, region, endpoint } satisfies CallDetails);
      }
    };
}
