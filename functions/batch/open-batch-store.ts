import { requireEnvironment } from '../runtime/environment.ts';
import { shortCallsS3Client } from '../runtime/s3-client.ts';
import { BatchStore } from './batch-store.ts';

/** The store of this workflow's batches, and the client that it uses. */
export function openBatchStore() {
  const { REMOTION_BUCKET_NAME, WORKFLOW_PREFIX } = requireEnvironment(
    'REMOTION_BUCKET_NAME',
    'WORKFLOW_PREFIX',
  );
  const s3 = shortCallsS3Client();
  // What is written is wanted: asked first, as the SDK asks from 2 MB on, S3 takes a round trip more.
  s3.middlewareStack.remove('addExpectContinueMiddleware');
  return { s3, store: new BatchStore(s3, REMOTION_BUCKET_NAME, WORKFLOW_PREFIX) };
}
