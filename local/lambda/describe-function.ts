import { AwsError, type AwsRequest } from '../aws.ts';
import type { LocalFunction } from '../cloud-assembly/local-stack.ts';
import { functionArn } from './function-configuration.ts';
import { readFunctionName } from './function-name.ts';

/** A question about functions that the template answers. */
export interface Description {
  readonly action: string;
  readonly resource: string;
  /** @throws AwsError `ResourceNotFoundException` */
  answer(functions: readonly LocalFunction[]): object;
}

const OF_ONE: Readonly<Record<string, { readonly action: string; answer(fn: LocalFunction): object }>> = {
  '/2015-03-31/functions/NAME/configuration': {
    action: 'lambda:GetFunctionConfiguration',
    answer: configuration,
  },
  '/2019-09-30/functions/NAME/concurrency': {
    action: 'lambda:GetFunctionConcurrency',
    answer: ({ reservedConcurrentExecutions }) => ({
      ReservedConcurrentExecutions: reservedConcurrentExecutions,
    }),
  },
  '/2021-07-20/functions/NAME/runtime-management-config': {
    action: 'lambda:GetRuntimeManagementConfig',
    answer: ({ arn, updateRuntimeOn }) => ({ FunctionArn: arn, UpdateRuntimeOn: updateRuntimeOn }),
  },
  '/2019-09-25/functions/NAME/event-invoke-config': {
    action: 'lambda:GetFunctionEventInvokeConfig',
    answer: ({ name, maximumRetryAttempts, maximumEventAgeInSeconds, onFailureQueueArn }) => ({
      FunctionArn: functionArn(name),
      MaximumRetryAttempts: maximumRetryAttempts,
      MaximumEventAgeInSeconds: maximumEventAgeInSeconds,
      DestinationConfig: { OnFailure: { Destination: onFailureQueueArn } },
    }),
  },
};

/** What a request asks about functions; undefined where it does not. */
export function readDescription({ method, path, query }: AwsRequest): Description | undefined {
  if (method !== 'GET') return undefined;
  // All of them fit into one page here.
  if (path === '/2015-03-31/functions')
    return {
      action: 'lambda:ListFunctions',
      resource: '*',
      answer: (functions) => ({ Functions: functions.map(configuration) }),
    };
  const [, encodedName] = /\/functions\/([^/]+)\//.exec(path) ?? [];
  const asked = encodedName && OF_ONE[path.replace(encodedName, 'NAME')];
  if (!asked) return undefined;
  const name = readFunctionName(decodeURIComponent(encodedName), query.get('Qualifier') ?? undefined);
  const resource = functionArn(name);
  return {
    action: asked.action,
    resource,
    answer(functions) {
      const found = functions.find((fn) => fn.name === name);
      if (!found) throw new AwsError('ResourceNotFoundException', `Function not found: ${resource}`, 404);
      return asked.answer(found);
    },
  };
}

function configuration(fn: LocalFunction): object {
  return {
    FunctionName: fn.name,
    FunctionArn: fn.arn,
    Role: fn.roleArn,
    Handler: fn.handler,
    Runtime: fn.runtime,
    Architectures: [fn.architecture],
    Layers: fn.layers.map((Arn) => ({ Arn })),
    MemorySize: fn.memorySizeInMb,
    EphemeralStorage: { Size: fn.diskSizeInMb },
    Timeout: fn.timeoutInSeconds,
    Environment: { Variables: fn.environment },
    State: 'Active',
    LastUpdateStatus: 'Successful',
  };
}
