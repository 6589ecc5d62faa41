import { AwsError } from '../aws.ts';
import type { ResultTarget } from './distributed-fields.ts';
import { isJsonObject, type Json } from './json.ts';
import type { MapRun, MapRunChild, ResultFile } from './map-run.ts';
import { resultOf } from './map-run-results.ts';
import { StateFailure } from './state-failure.ts';
import type { TaskCaller, TaskServices } from './task-services.ts';

type FileKind = 'SUCCEEDED' | 'FAILED' | 'PENDING';

/**
 * Gives a Map Run's results: themselves, or where on S3 they were written.
 * Throws StateFailure `States.ResultWriterFailed`.
 */
export async function deliverResults(
  mapRun: MapRun,
  target: ResultTarget,
  services: TaskServices,
  caller: TaskCaller,
): Promise<Json> {
  if (target.args === undefined) {
    return mapRun.children.flatMap((child) => resultOf(mapRun, child, target.config));
  }
  const { Bucket: bucket, Prefix: prefix = '' } = isJsonObject(target.args) ? target.args : {};
  if (typeof bucket !== 'string') throw writerFailure('The argument Bucket must be a text');
  if (typeof prefix !== 'string') throw writerFailure('The argument Prefix must be a text');
  const folder = [prefix.replace(/\/$/, ''), mapRun.arn.split(':').at(-1), redriveFolder(mapRun)];
  const keyOf = (name: string) => [...folder, name].filter(Boolean).join('/');
  const put = async (key: string, text: string) => {
    const body = Buffer.from(text);
    await services.putObject({ bucket, key, body, caller });
    return { Key: key, Size: body.length };
  };
  try {
    const ResultFiles: Record<FileKind, ResultFile[]> = {
      FAILED: [],
      PENDING: [],
      SUCCEEDED: [...mapRun.succeededFiles],
    };
    for (const [kind, children] of Object.entries(byKind(mapRun)) as [FileKind, MapRunChild[]][]) {
      if (children.length === 0) continue;
      const text = fileText(mapRun, children, target);
      ResultFiles[kind].push(await put(keyOf(`${kind}_0.${target.config.OutputType.toLowerCase()}`), text));
    }
    for (const child of mapRun.children) child.isWritten ||= child.execution?.status === 'SUCCEEDED';
    mapRun.succeededFiles = ResultFiles.SUCCEEDED;
    const manifest = { DestinationBucket: bucket, MapRunArn: mapRun.arn, ResultFiles };
    const { Key } = await put(keyOf('manifest.json'), JSON.stringify(manifest));
    return { MapRunArn: mapRun.arn, ResultWriterDetails: { Bucket: bucket, Key } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // Belief: in the words of AWS's SDK of today.
    throw writerFailure(`${error.message} (Service: S3, Status Code: ${error.status})`);
  }
}

function byKind({ children }: MapRun): Record<FileKind, MapRunChild[]> {
  const hasEnded = ({ execution }: MapRunChild) => execution && execution.status !== 'RUNNING';
  const succeeded = ({ execution }: MapRunChild) => execution?.status === 'SUCCEEDED';
  return {
    SUCCEEDED: children.filter((child) => succeeded(child) && !child.isWritten),
    FAILED: children.filter((child) => hasEnded(child) && !succeeded(child)),
    PENDING: children.filter(({ execution }) => !execution),
  };
}

/** Belief: failures and what is pending are lines too where the results are. */
function fileText(mapRun: MapRun, children: readonly MapRunChild[], { config }: ResultTarget): string {
  const texts = children.flatMap((child) => resultOf(mapRun, child, config)).map((r) => JSON.stringify(r));
  return config.OutputType === 'JSONL' ? texts.map((text) => `${text}\n`).join('') : `[${texts.join(',')}]`;
}

function redriveFolder({ redriveCount }: MapRun): string {
  return redriveCount === 0 ? '' : `Redrive-${redriveCount}`;
}

function writerFailure(cause: string): StateFailure {
  return new StateFailure('States.ResultWriterFailed', cause);
}
