import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startFauxqs } from 'fauxqs';
import { siteContentType } from '../../../functions/deploy-site/content-type.ts';
import type { FunctionConfiguration } from '../../../local/lambda/function-configuration.ts';
import { FunctionHost } from '../../../local/lambda/function-host.ts';
import { LambdaService } from '../../../local/lambda/lambda-service.ts';
import { answerLambda } from '../lambda/answer-lambda.ts';

export const BUCKET = 'remotionlambda-useast1-test';

/** S3 and Lambda at one address, without identity or IAM: as little as a render needs. */
export async function startOneMachine(functions: FunctionConfiguration[], site: string) {
  const log: string[] = [];
  const fauxqs = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const host = new FunctionHost({
    functions,
    issueCredentials: () => ({ accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'token' }),
    endpointUrl: () => endpointUrl,
    log: (_, line) => log.push(line),
  });
  const lambda = new LambdaService(host);
  const server = createServer((incoming, outgoing) => {
    if (/\/lambda\/aws4_request/.test(incoming.headers.authorization ?? ''))
      return answerLambda(lambda, incoming, outgoing);
    const { method, url: path, headers } = incoming;
    const toS3 = request({ host: '127.0.0.1', port: fauxqs.port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(toS3);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const s3 = new S3Client({ region: 'us-east-1', endpoint: endpointUrl, credentials });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const file of readdirSync(site, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(site, file)).isDirectory()) continue;
    const object = { Key: `sites/hello-world/${file}`, Body: readFileSync(join(site, file)) };
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, ...object, ContentType: siteContentType(file) }));
  }

  return {
    host,
    endpointUrl,
    serveUrl: `${endpointUrl}/${BUCKET}/sites/hello-world/index.html`,
    /** Every line that the functions have written. */
    log,
    async read(bucket: string, key: string) {
      const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return { bytes: await Body?.transformToByteArray(), contentType: ContentType };
    },
    async stop() {
      await host.stop();
      s3.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await fauxqs.stop();
    },
  };
}
