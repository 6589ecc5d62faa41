import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { ALL_CHECKS, renderCheck } from '../../../cli/doctor/all-checks.ts';
import { runChecks } from '../../../cli/doctor/run-checks.ts';
import { AwsError } from '../../../local/aws.ts';
import type { Interceptor } from '../../../local/gateway.ts';
import { answer, answerWith, doctorOnMachine, setting } from './doctor-on-machine.ts';

const doctor = doctorOnMachine();
const { on, breakAnswers, examine } = doctor;

/** Checks that invoke Remotion's function: `doctor.all.test.ts` lets them. */
const INVOKING = ['remotion-version', 'composition', 'render'];

const NOT_ON_ONE_MACHINE = ['concurrency', 'account-access', 'alarms', 'alarm-topic'];

type Fn = Record<string, unknown>;

const configuration = (change: (fn: Fn) => Fn, resource = /remotion-render/) =>
  answer<Fn>('lambda:GetFunctionConfiguration', change, resource);

const refuse = (action: string, resource?: RegExp) =>
  answerWith(
    action,
    () => {
      throw new AwsError(
        'AccessDeniedException',
        `User: me is not authorized to perform: ${action} on resource: *`,
        403,
      );
    },
    resource,
  );

const withKey = (xml: string) =>
  xml.replace(
    'AES256</SSEAlgorithm>',
    'aws:kms</SSEAlgorithm><KMSMasterKeyID>arn:aws:kms:us-east-1:123456789012:key/k</KMSMasterKeyID>',
  );

const gone = (action: string, resource?: RegExp) =>
  answerWith(
    action,
    () => {
      throw new AwsError('ResourceNotFoundException', 'It is not there.', 404);
    },
    resource,
  );

test('finds nothing wrong with the stack as it is, and skips what one machine cannot answer', async () => {
  const checks = ALL_CHECKS.filter(({ name }) => !INVOKING.includes(name));
  const results = await runChecks(checks, await doctor.facts(), () => {});
  const others = results.filter(({ status }) => status !== 'ok').map(({ name, status }) => [name, status]);
  expect(others).toEqual(NOT_ON_ONE_MACHINE.map((name) => [name, 'skipped']));
});

describe('each check, broken, says what is wrong and one thing to do', () => {
  test.each<[string, 'fail' | 'warn', Interceptor, RegExp, RegExp]>([
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
      'licence',
      'fail',
      setting({ REMOTION_LICENSE_KEY: 'arn:aws:secretsmanager:x' }),
      /is no key/,
      /remotion\.pro/,
    ],
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
    ['bucket', 'fail', setting({ REMOTION_BUCKET_NAME: 'my-bucket' }), /remotionlambda-/, /Deploy the stack/],
    [
      'bucket',
      'fail',
      setting({ REMOTION_BUCKET_NAME: 'remotionlambda-x' }),
      /is not there/,
      /Deploy the stack/,
    ],
    [
      'bucket',
      'fail',
      async (call, next) => {
        const answered = await next();
        if (call.request.method !== 'HEAD') return answered;
        return { ...answered, headers: { ...answered.headers, 'x-amz-bucket-region': 'eu-west-1' } };
      },
      /is in eu-west-1, the workflow in us-east-1/,
      /Deploy the stack/,
    ],
    [
      'bucket',
      'fail',
      (call, next) => {
        if (!call.request.headers['x-amz-expected-bucket-owner']) return next();
        throw new AwsError('AccessDenied', 'Access Denied', 403);
      },
      /belongs to another account/,
      /Deploy the stack/,
    ],
    [
      'bucket-acls',
      'fail',
      answer<string>('s3:GetBucketOwnershipControls', (xml) =>
        xml.replace('BucketOwnerPreferred', 'BucketOwnerEnforced'),
      ),
      /takes no ACLs/,
      /put-bucket-ownership-controls --bucket remotionlambda-/,
    ],
    [
      'bucket-key',
      'fail',
      answer<string>('s3:GetEncryptionConfiguration', withKey),
      /role\/\S+ may not kms:GenerateDataKey, kms:Decrypt with \S+key\/k/,
      /encryptionKeys/,
    ],
    [
      'public-access',
      'warn',
      answer<string>('s3:GetBucketPublicAccessBlock', (xml) => xml.replaceAll('true', 'false')),
      /not needed: BlockPublicAcls/,
      /put-public-access-block --bucket remotionlambda-/,
    ],
    ['site', 'fail', setting({ DEFAULT_SERVE_URL: 'nowhere' }), /answers 40[34]/, /cdk deploy/],
    [
      'site',
      'warn',
      setting({ DEFAULT_SERVE_URL: 'http://127.0.0.1:4999/x' }),
      /cannot be reached.*ECONNREFUSED/,
      /composition/,
    ],
    [
      'composition',
      'fail',
      answerWith('lambda:InvokeFunction', { status: 200, body: '{"type":"success","compositions":[]}' }),
      /no composition/,
      /root component/,
    ],
    [
      'composition',
      'fail',
      answerWith('lambda:InvokeFunction', {
        status: 200,
        body: JSON.stringify({ type: 'error', message: 'Incompatible site: it is old', stack: '' }),
      }),
      /Incompatible site/,
      /Upload it again/,
    ],
    [
      'composition',
      'warn',
      answerWith('lambda:InvokeFunction', {
        status: 200,
        body: JSON.stringify({ type: 'error', message: 'total is undefined\nat Invoice', stack: '' }),
      }),
      /^total is undefined$/,
      /--props FILE/,
    ],
    [
      'destination',
      'fail',
      setting({ DESTINATION_BUCKET_NAMES: 'no-such-bucket' }),
      /no-such-bucket is not there/,
      /Make it/,
    ],
    [
      'destination-key',
      'fail',
      answer<string>('s3:GetEncryptionConfiguration', withKey),
      /key\/k, and CopyToBucket's role may not kms:GenerateDataKey, kms:Decrypt/,
      /destinationKmsKeyArn/,
    ],
    [
      'destination-policy',
      'fail',
      answer('s3:GetBucketPolicy', () => ({
        Statement: [
          {
            Sid: 'DemandHeader',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:PutObject',
            Resource: '*',
            Condition: { Null: { 's3:x-amz-server-side-encryption': 'true' } },
          },
        ],
      })),
      /refuses copies: DemandHeader/,
      /destinationEncryption/,
    ],
    [
      'destination-policy',
      'warn',
      answer('s3:GetBucketPolicy', () => ({
        Statement: [
          {
            Sid: 'OurNetwork',
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 's3:*',
            Resource: '*',
            Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
          },
        ],
      })),
      /not known here: OurNetwork/,
      /Read that statement/,
    ],
    [
      'event-bus',
      'fail',
      setting({ EVENT_BUS_ARN: 'arn:aws:events:us-east-1:123456789012:event-bus/none' }),
      /none is not there/,
      /cdk deploy/,
    ],
    [
      'rules',
      'fail',
      answer<Fn>('events:DescribeRule', (rule) => ({ ...rule, State: 'DISABLED' }), /event-bus|rule\/.*\//),
      /is disabled: events start no render/,
      /aws events enable-rule --name/,
    ],
    [
      'rules',
      'fail',
      answer('events:ListRuleNamesByTarget', () => ({ RuleNames: [] }), /rule\/\*$/),
      /a rule is missing: the renders of stopped executions go on/,
      /cdk deploy/,
    ],
    [
      'pipe',
      'fail',
      answer<{ Pipes: Fn[] }>('pipes:ListPipes', ({ Pipes }) => ({
        Pipes: Pipes.map((pipe) => ({ ...pipe, CurrentState: 'STOPPED' })),
      })),
      /is STOPPED, and requests wait/,
      /aws pipes start-pipe --name/,
    ],
    ['pipe', 'fail', answer('pipes:ListPipes', () => ({ Pipes: [] })), /no pipe/, /cdk deploy/],
    [
      'old-functions',
      'warn',
      answer<{ Functions: Fn[] }>('lambda:ListFunctions', ({ Functions }) => ({
        Functions: [...Functions, { FunctionName: 'remotion-render-4-0-1-mem2048mb-disk2048mb-120sec' }],
      })),
      /of other versions: remotion-render-4-0-1-/,
      /functions rm/,
    ],
  ])('%s: %s', async (name, status, by, found, remedy) => {
    breakAnswers(by);
    const result = await examine(name);
    expect(result).toMatchObject({
      status,
      found: expect.stringMatching(found),
      remedy: expect.stringMatching(remedy),
    });
  });
});

describe('what is broken on the machine itself', () => {
  const bucket = () => on.machine.remotionBucketName;
  const put = (Key: string, Body: string) =>
    on.s3.send(new PutObjectCommand({ Bucket: bucket(), Key, Body }));
  const remove = (Key: string) => on.s3.send(new DeleteObjectCommand({ Bucket: bucket(), Key }));

  test('sites that S3 has to show are blocked', async () => {
    breakAnswers(setting({ SITES_URL: `${on.machine.endpoint}/${bucket()}/sites` }));
    expect(await examine('public-access')).toMatchObject({
      status: 'fail',
      found: expect.stringContaining('BlockPublicPolicy'),
      remedy: expect.stringContaining('cloudfront'),
    });
  });

  test('everybody may list the bucket', async () => {
    const arn = `arn:aws:s3:::${bucket()}`;
    on.machine.access.replacePolicy(arn, [
      { Effect: 'Allow', Principal: '*', Action: 's3:ListBucket', Resource: arn },
    ]);
    const result = await examine('public-listing');
    on.machine.access.replacePolicy(arn);
    expect(result).toMatchObject({ status: 'fail', remedy: expect.stringContaining('s3:ListBucket') });
  });

  test('a site is of another version, or none of Remotion, and is left over', async () => {
    await put('sites/old/index.html', "<script>window.remotion_version = '4.0.1';</script>");
    breakAnswers(setting({ DEFAULT_SERVE_URL: 'old' }));
    expect(await examine('site')).toMatchObject({
      status: 'warn',
      found: expect.stringContaining('bundled with 4.0.1'),
      remedy: expect.stringContaining('cdk deploy'),
    });
    await put('sites/old/index.html', 'Hello');
    expect(await examine('site')).toMatchObject({
      status: 'fail',
      found: expect.stringContaining('no Remotion site'),
    });
    breakAnswers((_, next) => next());
    expect(await examine('old-sites')).toMatchObject({
      status: 'warn',
      found: 'not of this stack: old',
      remedy: expect.stringContaining('aws s3 rm --recursive'),
    });
    await remove('sites/old/index.html');
  });

  test('a composition that is named is not there', async () => {
    breakAnswers(
      answerWith('lambda:InvokeFunction', {
        status: 200,
        body: '{"type":"success","compositions":[{"id":"HelloWorld"}]}',
      }),
    );
    expect(await examine('composition', { composition: 'Invoice' })).toMatchObject({
      status: 'fail',
      found: 'the site has no composition "Invoice", but HelloWorld',
    });
    expect(await examine('composition', { composition: 'HelloWorld' })).toMatchObject({ status: 'ok' });
  });

  test('a frame cannot be rendered', async () => {
    const facts = await doctor.facts({ composition: 'HelloWorld' });
    facts.remotion = async () =>
      ({
        getCompositionsOnLambda: async () => [{ id: 'HelloWorld' }],
        renderStillOnLambda: () => Promise.reject(new Error('total is undefined\nat Invoice')),
      }) as never;
    const [result] = await runChecks([renderCheck], facts, () => {});
    expect(result).toEqual({
      name: 'render',
      status: 'fail',
      found: 'HelloWorld: total is undefined',
      remedy: expect.stringContaining('--props FILE'),
    });
  });

  test("a bucket is not of the stack's account, and the role may not write to it", async () => {
    const { destinations } = await (await doctor.facts()).settings();
    breakAnswers(setting({ DESTINATION_BUCKET_OWNERS: `${destinations[0]}=999999999999` }));
    expect(await examine('destination')).toMatchObject({
      status: 'fail',
      found: expect.stringContaining('does not belong to 999999999999'),
      remedy: expect.stringContaining('destinationBucketOwners'),
    });
    const { Role = '' } = await (await doctor.facts()).step('CopyToBucket');
    on.machine.access.replacePolicy(Role, []);
    breakAnswers((_, next) => next());
    const result = await examine('destination-role');
    on.machine.access.replacePolicy(Role);
    expect(result).toMatchObject({
      status: 'fail',
      found: expect.stringContaining('may not s3:PutObject, s3:GetObject'),
      remedy: expect.stringContaining('permissions boundary'),
    });
  });

  test('a dead letter waits', async () => {
    const QueueUrl = on.machine.stack.outputs.RenderQueueDeadLettersUrl;
    await on.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
    const result = await examine('dead-letters');
    await on.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(result).toMatchObject({
      status: 'warn',
      found: expect.stringMatching(/^1 in RemotionStepFunctions-/),
      remedy: expect.stringContaining('docs/operations.md'),
    });
  });

  test('renders and starts that no execution waits for', async () => {
    const { jobsPrefix } = await (await doctor.facts()).settings();
    const owner = `${on.stateMachineArn.replace(':stateMachine:', ':execution:')}:long-gone`;
    const claim = { owner, claimedAt: Date.now() - 3_600_000, attempt: 1, requestHash: '' };
    const claims = { running: { ...claim, state: 'started', render: { renderId: 'r1' } }, finished: claim };
    await put(`${jobsPrefix}running.json`, JSON.stringify(claims.running));
    await put(
      `${jobsPrefix}over.json`,
      JSON.stringify({ ...claim, state: 'started', render: { renderId: 'r2' } }),
    );
    await put('renders/r1/progress.json', JSON.stringify({ postRenderData: null, errors: [] }));
    await put('renders/r2/progress.json', JSON.stringify({ postRenderData: {}, errors: [] }));
    expect(await examine('jobs')).toMatchObject({
      status: 'warn',
      found: 'renders that run though their executions have ended: running',
      remedy: expect.stringContaining('Send the same requests again'),
    });
    await remove('renders/r1/progress.json');
    await put(`${jobsPrefix}stuck.json`, JSON.stringify({ ...claim, state: 'starting' }));
    expect(await examine('jobs')).toMatchObject({
      status: 'warn',
      found: expect.stringMatching(/no execution.*: stuck$/),
    });
    await put(`${jobsPrefix}lost.json`, JSON.stringify({ ...claim, state: 'unknown' }));
    expect(await examine('jobs')).toMatchObject({
      status: 'warn',
      found: expect.stringMatching(/: lost$/),
      remedy: expect.stringContaining('StartOutcomeUnknown'),
    });
    for (const job of ['running', 'over', 'stuck', 'lost']) await remove(`${jobsPrefix}${job}.json`);
    expect(await examine('jobs')).toMatchObject({ status: 'ok' });
  });
});

test('a permission that is missing skips the checks that need it, and is named', async () => {
  breakAnswers(refuse('s3:GetBucketPolicy'));
  expect(await examine('destination-policy')).toEqual({
    name: 'destination-policy',
    status: 'skipped',
    found: "this shell's role lacks s3:GetBucketPolicy",
    needs: 's3:GetBucketPolicy',
  });
  breakAnswers(refuse('s3:ListBucket'));
  expect(await examine('destination')).toMatchObject({ status: 'skipped', needs: 's3:ListBucket' });
  breakAnswers(refuse('lambda:GetFunctionConfiguration', /StartRender/));
  for (const name of ['workflow', 'bucket', 'site'])
    expect(await examine(name)).toMatchObject({
      status: 'skipped',
      needs: 'lambda:GetFunctionConfiguration',
    });
});

test('the policy in docs/doctor.md is enough: with it alone the results are the same', async () => {
  const { stack, access } = on.machine;
  const { StateMachineArn = '', RemotionBucketName = '', DestinationBucketName = '' } = stack.outputs;
  const page = readFileSync(join(import.meta.dirname, '../../../docs/doctor.md'), 'utf8');
  const policy = (/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '')
    .replace('<StateMachineArn with :execution: for :stateMachine:>', executionsOf(StateMachineArn))
    .replaceAll('<StateMachineArn>', StateMachineArn)
    .replaceAll('<RemotionBucketName>', RemotionBucketName)
    .replaceAll('<DestinationBucketName>', DestinationBucketName)
    .replaceAll('<account>', '123456789012')
    .replaceAll('<stack>', stack.name);
  // Any role of the machine: what it may do is replaced.
  const { Role = '' } = await (await doctor.facts()).step('GetRenderProgress');
  access.replacePolicy(Role, JSON.parse(policy).Statement);
  const { accessKeyId } = access.issueCredentials(Role);
  const checks = ALL_CHECKS.filter(({ name }) => !INVOKING.includes(name));
  process.env.AWS_ACCESS_KEY_ID = accessKeyId;
  const results = await runChecks(checks, await doctor.facts({}, accessKeyId), () => {});
  process.env.AWS_ACCESS_KEY_ID = 'local';
  access.replacePolicy(Role);
  expect(results.find(({ name }) => name === 'credentials')?.found).toContain('assumed-role/');
  expect(results.filter(({ status }) => status !== 'ok').map(({ name }) => name)).toEqual(NOT_ON_ONE_MACHINE);
  expect(results.some((result) => 'needs' in result)).toBe(false);
});

const executionsOf = (machineArn: string) => machineArn.replace(':stateMachine:', ':execution:');

test('nothing is looked at without the workflow', async () => {
  breakAnswers(answer('states:ListStateMachines', () => ({ stateMachines: [] })));
  const results = await runChecks(ALL_CHECKS, await doctor.facts(), () => {});
  const [credentials, workflow, ...others] = results;
  expect([credentials?.status, workflow?.status]).toEqual(['ok', 'fail']);
  expect(others.every((result) => 'because' in result && result.because === 'workflow')).toBe(true);
});
