import { Component } from 'preact';
import { html } from './html.js';

/** A component that is drawn again only when one of its properties is another. */
export function memo(Inner) {
  return class extends Component {
    shouldComponentUpdate(next) {
      return Object.keys({ ...next, ...this.props }).some((name) => next[name] !== this.props[name]);
    }

    render(properties) {
      return html`<${Inner} ...${properties} />`;
    }
  };
}
