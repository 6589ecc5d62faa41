import { useEffect, useState } from 'preact/hooks';
import { read } from './api.js';
import { html } from './html.js';
import { Json } from './json-view.js';
import { Copy, TroubleBox } from './parts.js';

/** The request of an execution. @param pathOf as that of `Course` */
export function RequestBox({ name, pathOf }) {
  const [request, setRequest] = useState();
  const [trouble, setTrouble] = useState();
  useEffect(() => {
    read(pathOf('request')).then(
      (answer) => setRequest(answer.request),
      (error) => setTrouble(error.trouble),
    );
  }, [name]);
  return html`<section class="box" aria-labelledby="request-title">
    <div class="title"><h2 id="request-title">Request</h2>${request !== undefined && html`<${Copy} text=${JSON.stringify(request, null, 2)}>Copy<//>`}</div>
    ${trouble && html`<${TroubleBox} trouble=${trouble} />`}
    ${request !== undefined && html`<${Json} value=${request} />`}
  </section>`;
}
