import { readFileSync } from 'node:fs';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { followExecution } from '../../cli/follow-execution.ts';
import { startByRequest } from '../../cli/start-execution.ts';
import { type Launched, launch } from '../../local/launch.ts';
import type { ExplainedPolicies } from '../../permissions/explained-statement.ts';
import { readPolicies } from '../../permissions/read-policies.ts';
import { describeEnd, notDelivered } from './scenario.ts';

/** What the renderer makes that has a policy, by its name in the tables. */
const HOLDERS = ['Remotion', 'AwaitRenders', 'DeploySite', 'RendererBucket'];

/** The stack with Remotion's own function, and the policies of what its renderer makes. */
export interface RendererMachine extends Launched {
  readonly policies: ExplainedPolicies;
  /** Renders a second of the example. @returns what went wrong; undefined when the video is delivered */
  render(jobId: string, more?: object): Promise<string | undefined>;
  /** Puts props into the Remotion bucket. @returns their URI */
  putProps(jobId: string, props: object): Promise<string>;
  /** Keys in the Remotion bucket. */
  keysBelow(prefix: string): Promise<string[]>;
  /** What the functions have printed. */
  printed(): string;
}

export async function startRendererMachine(): Promise<RendererMachine> {
  const machine = await launch();
  const { clientConfig, stack, remotionBucketName: Bucket } = machine;
  const sfn = new SFNClient(clientConfig);
  const s3 = new S3Client(clientConfig);
  const policies = readPolicies(machine.assembly);
  return {
    ...machine,
    policies: {
      ...policies,
      roles: policies.roles.filter(({ name }) => HOLDERS.includes(name)),
      statements: policies.statements.filter(({ holder }) => HOLDERS.includes(holder)),
    },
    async render(jobId, more = {}) {
      const inputProps = { durationInSeconds: 1 };
      const options = { framesPerLambda: 30, scale: 0.25, logLevel: 'error', ...more };
      const render = { composition: 'HelloWorld', codec: 'h264', inputProps, ...options };
      const stateMachineArn = stack.outputs.StateMachineArn ?? '';
      const executionArn = await startByRequest(sfn, stateMachineArn, { jobId, render });
      const end = await followExecution(sfn, executionArn, () => {});
      return notDelivered(end) && describeEnd(end);
    },
    async putProps(jobId, props) {
      const Key = `input-props/${jobId}.json`;
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(props) }));
      return `s3://${Bucket}/${Key}`;
    },
    async keysBelow(Prefix) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
      return Contents.map(({ Key = '' }) => Key);
    },
    printed: () => readFileSync(machine.logFile, 'utf8'),
  };
}
