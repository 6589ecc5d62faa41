import { useState } from 'preact/hooks';
import { change, read, renderPath } from './api.js';
import { commandToStart, consoleAddress, curlToStart } from './copies.js';
import { html } from './html.js';
import { Ask, Copy, Out, TroubleBox } from './parts.js';

/** What can be done with an execution. */
export function Actions({ render, workflow }) {
  const { name, status, executionArn, canBeRedriven } = render;
  const [asked, setAsked] = useState();
  const [trouble, setTrouble] = useState();
  const act = async (how) => {
    setAsked(undefined);
    setTrouble(undefined);
    await change(renderPath(name, how)).catch((error) => setTrouble(error.trouble));
  };
  const request = async () => (await read(renderPath(name, 'request'))).request;
  const consoleUrl = consoleAddress(workflow, executionArn);
  return html`<div class="actions">
    ${status === 'RUNNING' && html`<button type="button" class="grave" onClick=${() => setAsked('stop')}>Stop</button>`}
    ${status !== 'RUNNING' && canBeRedriven && html`<button type="button" onClick=${() => setAsked('redrive')}>Redrive</button>`}
    <a class="button" href=${`#/start?again=${encodeURIComponent(name)}`}>Render again</a>
    <details class="menu"><summary class="button">Copy</summary><div>
      <${Copy} text=${async () => JSON.stringify(await request(), null, 2)}>Request<//>
      <${Copy} text=${executionArn}>ARN<//>
      <${Copy} text=${async () => commandToStart(workflow, await request())}>Command<//>
      <${Copy} text=${async () => curlToStart(workflow, await request())}>curl<//>
    </div></details>
    ${consoleUrl && html`<${Out} href=${consoleUrl}>In AWS's console<//>`}
    ${trouble && html`<${TroubleBox} trouble=${trouble} title="That was refused" />`}
    ${
      asked === 'stop' &&
      html`<${Ask} title="Stop this render?" yes="Stop it" no="Let it run" isGrave onYes=${() => act('stop')} onNo=${() => setAsked(undefined)}>
      <p>The execution ends as ABORTED, and its work on Lambda is cancelled. What it has cost is spent, and there will be no video. The same request can be sent again later: it renders anew.</p>
    <//>`
    }
    ${
      asked === 'redrive' &&
      html`<${Ask} title="Redrive this execution?" yes="Redrive it" no="Leave it" onYes=${() => act('redrive')} onNo=${() => setAsked(undefined)}>
      <p>The same execution goes on from the state in which it ended, with what it knew there. Where that is the end of the failure path, it ends the same way again: then “Render again” is what helps.</p>
    <//>`
    }
  </div>`;
}
