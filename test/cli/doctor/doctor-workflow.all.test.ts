import { AwsError } from '../../../local/aws.ts';
import { answer, configuration, type Fn, gone, setting } from './broken-answers.ts';
import { doctorOnMachine } from './doctor-on-machine.ts';

const doctor = doctorOnMachine();
const { on, breakAnswers, examine, testBroken } = doctor;

describe('who asks, and the workflow', () => {
  testBroken([
    [
      'credentials',
      'fail',
      (call, next) => {
        if (call.service !== 'sts') return next();
        throw new AwsError(
          'InvalidClientTokenId',
          'The security token included in the request is invalid.',
          403,
        );
      },
      /AWS does not take the credentials/,
      /Sign in again/,
    ],
    [
      'clock',
      'fail',
      async (_, next) => {
        const answered = await next();
        return {
          ...answered,
          headers: { ...answered.headers, date: new Date(Date.now() + 600_000).toUTCString() },
        };
      },
      /^600 s behind AWS|^599 s behind AWS/,
      /NTP/,
    ],
    [
      'workflow',
      'fail',
      answer('states:ListStateMachines', () => ({ stateMachines: [] })),
      /no state machine with "RenderWorkflow" in its name in us-east-1/,
      /--state-machine-arn/,
    ],
    [
      'workflow',
      'fail',
      answer('states:ListStateMachines', () => ({
        stateMachines: ['A', 'B'].map((name) => ({
          name: `${name}-RenderWorkflow`,
          stateMachineArn: `arn:aws:states:us-east-1:123456789012:stateMachine:${name}-RenderWorkflow`,
        })),
      })),
      /^There are 2 render workflows in us-east-1$/,
      /STATE_MACHINE_ARN .*:A-RenderWorkflow arn:.*:B-RenderWorkflow$/,
    ],
    [
      'workflow',
      'fail',
      answer<Fn>('states:DescribeStateMachine', (machine) => ({ ...machine, status: 'DELETING' })),
      /is DELETING/,
      /deploy the stack anew/,
    ],
    [
      'workflow',
      'warn',
      setting({ WORKFLOW_VERSION: '0.0.9' }),
      /version 0\.0\.9, and this command has/,
      /cdk deploy/,
    ],
    ['workflow', 'warn', setting({ WORKFLOW_VERSION: undefined }), /older than this command/, /cdk deploy/],
    [
      'steps',
      'fail',
      gone('lambda:GetFunctionConfiguration', /CopyToBucket/),
      /CopyToBucket is not there/,
      /cdk deploy/,
    ],
    [
      'steps',
      'fail',
      configuration((fn) => ({ ...fn, State: 'Failed', StateReason: 'no role' }), /StartRender/),
      /StartRender is Failed: no role/,
      /cdk deploy/,
    ],
    [
      'batch',
      'fail',
      gone('lambda:GetFunctionConfiguration', /RenderBatchPrep/),
      /the function of PrepareBatch is not there/,
      /cdk deploy/,
    ],
    [
      'licence',
      'fail',
      setting({ REMOTION_LICENSE_KEY: 'arn:aws:secretsmanager:x' }),
      /is no key/,
      /remotion\.pro/,
    ],
  ]);
});

describe('the state machine of batches beside that of renders', () => {
  test('is not taken for it, in whichever order they are listed', async () => {
    breakAnswers(
      answer<{ stateMachines: object[] }>('states:ListStateMachines', ({ stateMachines }) => {
        expect(stateMachines).toHaveLength(2);
        return { stateMachines: stateMachines.toReversed() };
      }),
    );
    const inOrder = await examine('workflow');
    expect(inOrder).toMatchObject({ status: 'ok', found: expect.not.stringContaining('RenderBatch') });
    breakAnswers((_, next) => next());
    expect(await examine('workflow')).toEqual(inOrder);
    expect(await examine('batch')).toMatchObject({
      status: 'ok',
      found: expect.stringContaining('PrepareBatch'),
    });
  });

  test('is refused where it is named', async () => {
    const stateMachineArn = on.machine.stack.outputs.BatchStateMachineArn ?? '';
    expect(await examine('workflow', { stateMachineArn })).toMatchObject({
      status: 'fail',
      found: expect.stringContaining('is no render workflow'),
      remedy: expect.stringContaining('"StateMachineArn"'),
    });
  });

  test('of another workflow is not looked at', async () => {
    breakAnswers(
      answer<{ definition: string }>('states:DescribeStateMachine', ({ definition, ...machine }) => ({
        ...machine,
        definition: definition.replaceAll(on.stateMachineArn, `${on.stateMachineArn}Other`),
      })),
    );
    expect(await examine('batch')).toMatchObject({ status: 'ok', found: 'the stack has none (renderBatch)' });
  });
});
