/** `source` of every event that the workflow publishes. */
export const RENDER_EVENT_SOURCE = 'remotion-step-functions';

/** `detail-type` of an event that asks for a render; its `detail` is a `RenderRequest`. */
export const RENDER_REQUESTED = 'Render Requested';

/** `detail-type` of every event that the state machine publishes. */
export const STATE_MACHINE_EVENTS = ['Render Started', 'Render Succeeded', 'Render Failed'] as const;

/** `detail-type` of the event that CancelRender publishes. */
export const RENDER_CANCELLED = 'Render Cancelled';

/** `detail-type` of every event about a batch. */
export const BATCH_EVENTS = ['Batch Started', 'Batch Progressed', 'Batch Succeeded', 'Batch Failed'] as const;
