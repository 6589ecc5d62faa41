import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { WorkflowFacts } from './workflow-facts.ts';

/** An object of the Remotion bucket, with when it was written in milliseconds since 1970; undefined when it is not there. */
export async function readObject(facts: WorkflowFacts, Key: string) {
  const { bucketName: Bucket } = await facts.settings();
  try {
    const { Body, LastModified } = await facts.clients.s3.send(new GetObjectCommand({ Bucket, Key }));
    return { text: (await Body?.transformToString()) ?? '', writtenAt: LastModified?.getTime() ?? 0 };
  } catch (error) {
    if ((error as Error).name !== 'NoSuchKey') throw error;
    return undefined;
  }
}
