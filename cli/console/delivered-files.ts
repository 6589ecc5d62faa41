import type { ServerResponse } from 'node:http';
import { GetObjectCommand, HeadObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { RenderResult } from '../../statemachine/contract.ts';

/** How long an address of a video works, in seconds: as long as somebody may watch it and jump in it. */
const VALID_FOR_IN_SECONDS = 60 * 60;

/** An object that an execution has delivered. */
export interface DeliveredFile {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly sizeInBytes: number;
}

/** The video, and what was delivered beside it; none of an output that is no result of a render. */
export function deliveredFiles(output: unknown): DeliveredFile[] {
  const { bucket, key, sizeInBytes, artifacts } = (output ?? {}) as Partial<RenderResult>;
  if (typeof bucket !== 'string' || typeof key !== 'string') return [];
  const video = { name: key.split('/').at(-1) ?? key, bucket, key, sizeInBytes: Number(sizeInBytes) };
  // Executions from before an upgrade have none.
  const more = (Array.isArray(artifacts) ? artifacts : []).map((artifact) => ({
    name: String(artifact.filename),
    bucket,
    key: String(artifact.key),
    sizeInBytes: Number(artifact.sizeInBytes),
  }));
  return [video, ...more];
}

/** Sends a browser to where an object is. @param download as that of `FileAddresses.sign` */
export async function redirectToFile(
  response: ServerResponse,
  addresses: FileAddresses,
  file: DeliveredFile,
  download: boolean,
): Promise<void> {
  const location = await addresses.sign(file, download);
  response.writeHead(302, { location, 'cache-control': 'no-store' }).end();
}

/** Signs addresses with which a browser reads objects, for an hour, whatever region their bucket is in. */
export class FileAddresses {
  readonly #s3: S3Client;
  readonly #regions = new Map<string, string>();

  constructor(s3: S3Client) {
    this.#s3 = s3;
  }

  /**
   * @param download Whether browsers save it instead of showing it.
   * @throws Error of the SDK when the object is not there or may not be read.
   */
  async sign({ bucket, key, name }: DeliveredFile, download: boolean): Promise<string> {
    const client = await this.#clientFor(bucket, key);
    const asciiName = name.replaceAll(/[^\w.-]+/g, '_');
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(download && { ResponseContentDisposition: `attachment; filename="${asciiName}"` }),
    });
    return getSignedUrl(client, command, { expiresIn: VALID_FOR_IN_SECONDS });
  }

  /** The SDK follows S3 into a bucket's region by itself, but signs addresses for the client's. */
  async #clientFor(Bucket: string, Key: string): Promise<S3Client> {
    const known = this.#regions.get(Bucket);
    if (known !== undefined) return this.#clientIn(known);
    await this.#s3.send(new HeadObjectCommand({ Bucket, Key }));
    const own = await this.#s3.config.region();
    const probe = this.#clientIn(own);
    const region = await probe.send(new HeadObjectCommand({ Bucket, Key })).then(
      () => own,
      (error: { $response?: { headers?: Record<string, string> } }) =>
        error.$response?.headers?.['x-amz-bucket-region'] ?? own,
    );
    this.#regions.set(Bucket, region);
    return this.#clientIn(region);
  }

  #clientIn(region: string): S3Client {
    const { credentials, endpoint, forcePathStyle } = this.#s3.config;
    const settings = {
      region,
      credentials,
      forcePathStyle,
      // Browsers send and check no checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...(endpoint && { endpoint }),
    };
    return new S3Client(settings as S3ClientConfig);
  }
}
