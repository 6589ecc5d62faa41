import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_CHECKS } from '../../../cli/doctor/all-checks.ts';
import { runChecks } from '../../../cli/doctor/run-checks.ts';
import { answer, refuse } from './broken-answers.ts';
import { doctorOnMachine } from './doctor-on-machine.ts';

const doctor = doctorOnMachine();
const { on, breakAnswers, examine } = doctor;

/** Checks that invoke Remotion's function: `doctor-command.all.test.ts` lets them. */
const INVOKING = ['remotion-version', 'composition', 'render'];

const NOT_ON_ONE_MACHINE = ['concurrency', 'account-access', 'alarms', 'alarm-topic'];

test('finds nothing wrong with the stack as it is, and skips what one machine cannot answer', async () => {
  const checks = ALL_CHECKS.filter(({ name }) => !INVOKING.includes(name));
  const results = await runChecks(checks, await doctor.facts(), () => {});
  const others = results.filter(({ status }) => status !== 'ok').map(({ name, status }) => [name, status]);
  expect(others).toEqual(NOT_ON_ONE_MACHINE.map((name) => [name, 'skipped']));
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
  const {
    StateMachineArn = '',
    BatchStateMachineArn = '',
    RemotionBucketName = '',
    DestinationBucketName = '',
  } = stack.outputs;
  const page = readFileSync(join(import.meta.dirname, '../../../docs/doctor.md'), 'utf8');
  const policy = (/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '')
    .replace('<StateMachineArn with :execution: for :stateMachine:>', executionsOf(StateMachineArn))
    .replaceAll('<StateMachineArn>', StateMachineArn)
    .replaceAll('<BatchStateMachineArn>', BatchStateMachineArn)
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
