import { compileEventPattern } from '../../../local/eventbridge/event-pattern.ts';
import { RENDER_EVENT_SOURCE, RENDER_REQUESTED } from '../../../statemachine/contract.ts';
import { RENDER_EVENT_SCHEMAS } from '../../../statemachine/render-event-schema.ts';
import { synthesize } from '../synthesize.ts';

const event = (detailType: string) => ({
  'detail-type': detailType,
  source: RENDER_EVENT_SOURCE,
  detail: { jobId: 'order-1' },
});

test.each([
  ['every source', {}],
  ['the source of the workflow itself', { eventSources: RENDER_EVENT_SOURCE }],
])(
  'no rule of the stack takes the workflow’s own events, also where requests of %s are taken',
  (_of, context) => {
    const all = Object.entries(synthesize(context).findResources('AWS::Events::Rule'));
    const rules = all.filter(([, { Properties }]) => Properties.ScheduleExpression === undefined);
    expect(rules).toHaveLength(all.length - 1);
    const requests = rules.filter(([id]) => id.includes('RenderRequested'));
    expect(requests).toHaveLength(1);
    for (const [id, { Properties }] of requests) {
      const matches = compileEventPattern(Properties.EventPattern, id) as (event: object) => boolean;
      expect(matches(event(RENDER_REQUESTED))).toBe(true);
      for (const detailType of Object.keys(RENDER_EVENT_SCHEMAS))
        expect(matches(event(detailType))).toBe(false);
    }
    for (const [, { Properties }] of rules.filter((rule) => !requests.includes(rule)))
      expect(Properties.EventPattern.source).toEqual(['aws.states']);
  },
);
