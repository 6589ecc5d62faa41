import { VirtualClock } from '../../../local/clock.ts';
import type { Delivery } from '../../../local/eventbridge/event-delivery.ts';
import { createEventBridgeService } from '../../../local/eventbridge/eventbridge-service.ts';
import { scheduleRate } from '../../../local/eventbridge/schedule-rate.ts';
import { rule } from './test-event-bridge.ts';

const MINUTE = 60_000;

function scheduled(expression: string, runsSchedules = true) {
  const clock = new VirtualClock();
  const begin = clock.now();
  const delivered: { minute: number; delivery: Delivery }[] = [];
  const service = createEventBridgeService({
    access: { assumeRole: () => ({}) as never, authorize: () => {} },
    sqs: { sendMessage: async () => {} },
    clock,
    busNames: [],
    rules: [rule('sweep', '', {}, { busName: 'default', eventPattern: undefined, schedule: expression })],
    deliver: async (delivery) => {
      delivered.push({ minute: (clock.now() - begin) / MINUTE, delivery });
    },
    onLost: () => {},
    runsSchedules,
  });
  return { clock, delivered, service };
}

describe('a rule with a schedule', () => {
  it('calls its target once in each period, at first when one has passed', async () => {
    const { clock, delivered, service } = scheduled('rate(5 minutes)');
    await clock.sleep(16 * MINUTE);
    await service.stop();
    expect(delivered.map(({ minute }) => minute)).toEqual([5, 10, 15]);
    expect(delivered[0]?.delivery.event).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: [expect.stringMatching(/:rule\/sweep$/)],
      detail: {},
    });
  });

  it('calls nobody once the machine has stopped', async () => {
    const { clock, delivered, service } = scheduled('rate(1 minute)');
    await service.stop();
    await clock.sleep(10 * MINUTE);
    expect(delivered).toEqual([]);
  });

  it('waits to be called where time is not to run it', async () => {
    const { clock, delivered, service } = scheduled('rate(1 minute)', false);
    await clock.sleep(10 * MINUTE);
    expect(delivered).toEqual([]);
    service.runSchedules();
    await service.idle();
    expect(delivered).toHaveLength(1);
  });
});

it.each([
  ['rate(1 minute)', 60],
  ['rate(5 minutes)', 300],
  ['rate(1 hour)', 3_600],
  ['rate(2 days)', 172_800],
  ['rate(10 minutes)', 600],
  ['rate(1 minutes)', undefined],
  ['rate(0 minutes)', undefined],
  ['rate(5 minute)', undefined],
  ['cron(0 12 * * ? *)', undefined],
])('the seconds of %s are %p', (expression, seconds) => {
  expect(scheduleRate(expression)).toBe(seconds);
});
