import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { doctorOnMachine } from './doctor-on-machine.ts';

const doctor = doctorOnMachine();
const { on, examine } = doctor;

const bucket = () => on.machine.remotionBucketName;
const put = (Key: string, Body: string) => on.s3.send(new PutObjectCommand({ Bucket: bucket(), Key, Body }));
const remove = (Key: string) => on.s3.send(new DeleteObjectCommand({ Bucket: bucket(), Key }));

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
