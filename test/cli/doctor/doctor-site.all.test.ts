import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { renderCheck } from '../../../cli/doctor/all-checks.ts';
import { runChecks } from '../../../cli/doctor/run-checks.ts';
import { answerWith, setting } from './broken-answers.ts';
import { doctorOnMachine } from './doctor-on-machine.ts';

const doctor = doctorOnMachine();
const { on, breakAnswers, examine, testBroken } = doctor;

const bucket = () => on.machine.remotionBucketName;
const put = (Key: string, Body: string) => on.s3.send(new PutObjectCommand({ Bucket: bucket(), Key, Body }));
const remove = (Key: string) => on.s3.send(new DeleteObjectCommand({ Bucket: bucket(), Key }));

describe('the site', () => {
  testBroken([
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
  ]);
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
