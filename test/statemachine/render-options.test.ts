import { parseRenderRequest } from '../../statemachine/parse-render-request.ts';
import { RENDER_OPTIONS } from '../../statemachine/render-options.ts';

const render = { composition: 'Invoice', codec: 'h264' };
const parse = (options: object) => parseRenderRequest({ render: { ...render, ...options } }, 'job');
const not = Object.entries(RENDER_OPTIONS).filter(([, { handling }]) =>
  ['owned', 'refused'].includes(handling),
);

test.each(not)('a request that sets %s is refused, with the reason', (option, { why }) => {
  expect(() => parse({ [option]: 'x' })).toThrow(`render.${option}: given`);
  expect(() => parse({ [option]: 'x' })).toThrow(why);
});

test('an option of a newer Remotion is taken', () => {
  expect(parse({ aNewRemotionOption: 1 }).render).toMatchObject({ aNewRemotionOption: 1 });
});

test.each([
  { type: 'download' },
  { type: 'download', fileName: null },
  { type: 'download', fileName: 'Rechnung für März.mp4' },
  { type: 'play-in-browser' },
])('downloadBehavior %j is taken', (downloadBehavior) => {
  expect(parse({ downloadBehavior }).render).toMatchObject({ downloadBehavior });
});

test.each([
  'download',
  { type: 'open' },
  { type: 'download', fileName: 'a"b' },
  { type: 'download', fileName: '' },
])('downloadBehavior %j is refused, with what is accepted', (downloadBehavior) => {
  expect(() => parse({ downloadBehavior })).toThrow(
    'accepted: {"type": "play-in-browser"} or {"type": "download", "fileName":',
  );
});
