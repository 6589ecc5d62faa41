/** What the ids of Remotion's renders begin with, where their files are not kept for good. */
export const RENDERS_KEPT_FOR = ['1-day-', '3-days-', '7-days-', '30-days-'];

/** What the ids of Remotion's renders are made of, at random. Source: `randomHash` of its client. */
export const RENDER_ID_LETTERS = [...'abcdefghijklmnopqrstuvwxyz0123456789'];
