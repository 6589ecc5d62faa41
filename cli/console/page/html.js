import htm from 'htm';
import { h } from 'preact';

/** Elements from a template. Values become text, never HTML. */
export const html = htm.bind(h);
