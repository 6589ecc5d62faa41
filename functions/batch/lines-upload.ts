import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

/** S3 takes parts of 5 MiB and more. */
const PART_BYTES = 8 * 1024 ** 2;

/** Writes an object line by line, of which only a part is in memory. What is not ended leaves no object. */
export class LinesUpload {
  readonly #s3: S3Client;
  readonly #object: { readonly Bucket: string; readonly Key: string };
  readonly #contentType: string;
  readonly #parts: CompletedPart[] = [];
  #uploadId: string | undefined;
  #lines: Buffer[] = [];
  #bytes = 0;

  constructor(s3: S3Client, bucketName: string, key: string, contentType: string) {
    this.#s3 = s3;
    this.#object = { Bucket: bucketName, Key: key };
    this.#contentType = contentType;
  }

  async write(line: string): Promise<void> {
    const bytes = Buffer.from(`${line}\n`);
    this.#lines.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= PART_BYTES) await this.#uploadPart();
  }

  async end(): Promise<void> {
    if (this.#uploadId === undefined) {
      const object = { ...this.#object, Body: this.#take(), ContentType: this.#contentType };
      await this.#s3.send(new PutObjectCommand(object));
      return;
    }
    if (this.#bytes > 0) await this.#uploadPart();
    await this.#s3.send(
      new CompleteMultipartUploadCommand({
        ...this.#object,
        UploadId: this.#uploadId,
        MultipartUpload: { Parts: this.#parts },
      }),
    );
  }

  async #uploadPart(): Promise<void> {
    if (this.#uploadId === undefined) {
      const object = { ...this.#object, ContentType: this.#contentType };
      this.#uploadId = (await this.#s3.send(new CreateMultipartUploadCommand(object))).UploadId ?? '';
    }
    const PartNumber = this.#parts.length + 1;
    const { ETag } = await this.#s3.send(
      new UploadPartCommand({
        ...this.#object,
        UploadId: this.#uploadId,
        PartNumber,
        Body: this.#take(),
      }),
    );
    this.#parts.push({ PartNumber, ETag });
  }

  #take(): Buffer {
    const body = Buffer.concat(this.#lines);
    this.#lines = [];
    this.#bytes = 0;
    return body;
  }
}
