import { answer, answerWith, configuration, type Fn, gone, setting } from './broken-answers.ts';
import { doctorOnMachine } from './doctor-on-machine.ts';

const doctor = doctorOnMachine();
const { testBroken } = doctor;

describe("Remotion's function", () => {
  testBroken([
    [
      'function-name',
      'fail',
      setting({ REMOTION_FUNCTION_NAME: 'my-function' }),
      /my-function is no name/,
      /cdk deploy/,
    ],
    [
      'function-name',
      'fail',
      setting({ REMOTION_FUNCTION_NAME: 'remotion-render-4-0-1-mem2048mb-disk2048mb-240sec' }),
      /the workflow's client is 4\.0\./,
      /cdk deploy/,
    ],
    [
      'function',
      'fail',
      gone('lambda:GetFunctionConfiguration', /remotion-render/),
      /is not there/,
      /cdk deploy/,
    ],
    [
      'function',
      'fail',
      configuration((fn) => ({ ...fn, Architectures: ['x86_64'] })),
      /x86_64/,
      /cdk deploy/,
    ],
    [
      'function',
      'fail',
      configuration((fn) => ({ ...fn, MemorySize: 128 })),
      /128 MB of memory/,
      /size of its name/,
    ],
    [
      'function',
      'warn',
      configuration((fn) => ({ ...fn, Runtime: 'nodejs18.x' })),
      /nodejs18\.x/,
      /cdk deploy/,
    ],
    [
      'function',
      'fail',
      setting({
        REMOTION_FUNCTION_NAME: 'remotion-render-4-0-527-mem8192mb-disk2048mb-240sec',
        SITES_URL: undefined,
      }),
      /mem8192mb.* is not there/,
      /functions deploy.*new accounts have 3008/,
    ],
    [
      'runtime',
      'warn',
      answer('lambda:GetRuntimeManagementConfig', () => ({ UpdateRuntimeOn: 'Auto' })),
      /another version of nodejs\d+\.x \(Auto\)/,
      /cdk deploy/,
    ],
    ['layers', 'fail', configuration((fn) => ({ ...fn, Layers: [] })), /without .*chromium/, /cdk deploy/],
    [
      'retries',
      'fail',
      answer<Fn>('lambda:GetFunctionEventInvokeConfig', (config) => ({ ...config, MaximumRetryAttempts: 2 })),
      /tried 2 times again/,
      /--maximum-retry-attempts 0 --function-name remotion-render-/,
    ],
    [
      'remotion-version',
      'fail',
      answerWith('lambda:InvokeFunction', {
        status: 200,
        body: JSON.stringify({ type: 'success', version: '4.0.500' }),
      }),
      /function has 4\.0\.500, the workflow's client 4\.0\./,
      /cdk deploy/,
    ],
    [
      'concurrency',
      'fail',
      answer('lambda:GetFunctionConcurrency', () => ({ ReservedConcurrentExecutions: 10 })),
      /10 functions at once, reserved/,
      /Reserve more/,
    ],
    [
      'old-functions',
      'warn',
      answer<{ Functions: Fn[] }>('lambda:ListFunctions', ({ Functions }) => ({
        Functions: [...Functions, { FunctionName: 'remotion-render-4-0-1-mem2048mb-disk2048mb-120sec' }],
      })),
      /of other versions: remotion-render-4-0-1-/,
      /functions rm/,
    ],
  ]);
});
