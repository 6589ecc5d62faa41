import type { BackendRequest, BackendResponse, FauxqsBackend } from '../local/s3/fauxqs-backend.ts';

interface ModelledObject {
  readonly sizeInBytes: number;
  readonly headers: Readonly<Record<string, string>>;
}

interface ModelledUpload extends ModelledObject {
  readonly path: string;
  readonly partSizes: Map<number, number>;
}

/**
 * Stands for the objects behind the local S3 service, of which it keeps sizes and headers but no bytes: a video of
 * 5 GB takes no memory. Does what the copy of a video asks for and throws at everything else.
 *
 * @param objects Sizes in bytes, by `/bucket/key`.
 */
export function modelledObjects(objects: Readonly<Record<string, number>>): FauxqsBackend {
  const stored = new Map<string, ModelledObject>(
    Object.entries(objects).map(([path, sizeInBytes]) => [path, { sizeInBytes, headers: {} }]),
  );
  const uploads = new Map<string, ModelledUpload>();

  function copy({ headers = {} }: BackendRequest, path: string, query: URLSearchParams): BackendResponse {
    const source = stored.get(decodeURIComponent(headers['x-amz-copy-source'] ?? ''));
    if (!source) return notFound('NoSuchKey');
    const upload = uploads.get(query.get('uploadId') ?? '');
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers['x-amz-copy-source-range'] ?? '') ?? [];
    if (upload) upload.partSizes.set(Number(query.get('partNumber')), Number(last) - Number(first) + 1);
    else stored.set(path, { sizeInBytes: source.sizeInBytes, headers: metadataOf(headers) });
    const result = upload ? 'CopyPartResult' : 'CopyObjectResult';
    return xml(`<${result}><ETag>"etag"</ETag></${result}>`);
  }

  function post({ headers = {} }: BackendRequest, path: string, query: URLSearchParams): BackendResponse {
    const uploadId = query.get('uploadId') ?? `upload-${uploads.size}`;
    const upload = uploads.get(uploadId);
    if (!upload) {
      uploads.set(uploadId, { path, sizeInBytes: 0, headers: metadataOf(headers), partSizes: new Map() });
      return xml(
        `<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    const sizeInBytes = [...upload.partSizes.values()].reduce((sum, size) => sum + size, 0);
    stored.set(upload.path, { ...upload, sizeInBytes });
    return xml('<CompleteMultipartUploadResult><ETag>"etag"</ETag></CompleteMultipartUploadResult>');
  }

  return {
    async request(request) {
      const { method, headers = {}, body } = request;
      const url = new URL(request.url, 'http://s3');
      const path = decodeURIComponent(url.pathname);
      if (method === 'HEAD' || method === 'GET') {
        const object = stored.get(path);
        if (!object) return notFound('NoSuchKey');
        const length = { 'content-length': String(object.sizeInBytes), etag: '"etag"' };
        return { status: 200, headers: { ...object.headers, ...length }, body: Buffer.alloc(0) };
      }
      if (method === 'PUT' && headers['x-amz-copy-source']) return copy(request, path, url.searchParams);
      if (method === 'PUT') {
        stored.set(path, { sizeInBytes: body?.length ?? 0, headers: {} });
        return { status: 200, headers: { etag: '"etag"' }, body: Buffer.alloc(0) };
      }
      if (method === 'POST') return post(request, path, url.searchParams);
      throw new Error(`The model of S3 does not do ${method} ${request.url}.`);
    },
    async stop() {},
  };
}

function metadataOf(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string] => entry[0].startsWith('x-amz-meta-') && entry[1] !== undefined,
    ),
  );
}

function notFound(code: string): BackendResponse {
  return { ...xml(`<Error><Code>${code}</Code></Error>`), status: 404 };
}

function xml(body: string): BackendResponse {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) };
}
