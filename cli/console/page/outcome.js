import { useState } from 'preact/hooks';
import { read, renderPath } from './api.js';
import { count, duration, megabytes, percent, usd } from './format.js';
import { html } from './html.js';
import { Bar, Copy, Figures, Out, TroubleBox } from './parts.js';

const PHASES = {
  starting: 'starting',
  rendering: 'rendering frames',
  encoding: 'encoding',
  combining: 'combining the chunks',
  delivering: 'delivering into the Remotion bucket',
  finished: 'finished',
};

/** What there is to know first: how far it is, its video, or why there is none. */
export function Outcome({ render, place, visits, workflow, now }) {
  if (render.status === 'SUCCEEDED') return html`<${Delivered} render=${render} workflow=${workflow} />`;
  if (render.status === 'RUNNING')
    return html`<${Running} render=${render} place=${place} visits=${visits} now=${now} />`;
  return html`<${Failed} render=${render} workflow=${workflow} />`;
}

function Running({ render, place, visits, now }) {
  const { progress, state, secondsLeft, startedAt } = render;
  const tries = visits.at(-1)?.attempts.filter(({ error }) => error === 'RenderStartThrottled').length ?? 0;
  const words =
    state === 'AwaitTurn'
      ? `Waiting for its turn${place === undefined ? '' : `, ${place}`}`
      : tries > 0
        ? `Waiting for capacity of Lambda: ${count(tries, 'attempt')} so far`
        : progress
          ? (PHASES[progress.pace?.phase] ?? state)
          : `In ${state ?? 'its first state'}`;
  return html`<section class="box outcome" aria-label="Progress">
    <div class="big">
      <span class="percent">${percent(progress?.progressInPercent ?? 0)}</span>
      <div class="big-bar"><span>${words}</span><${Bar} value=${progress?.progressInPercent ?? 0} label="Progress of the render" /></div>
    </div>
    <${Figures} figures=${[
      ['Frames', progress && `${progress.framesRendered} of ${progress.framesTotal ?? '?'}`],
      ['Functions', progress?.lambdasInvoked],
      ['Cost so far', progress && usd(progress.costInUsd)],
      ['Running for', duration(now - startedAt)],
      [
        'About left',
        secondsLeft === undefined || secondsLeft === null ? undefined : duration(secondsLeft * 1000),
      ],
      ['Warning', progress?.warning],
    ]} />
    <p class="links">${progress?.logsUrl && html`<${Out} href=${progress.logsUrl}>Logs of the render<//>`}</p>
  </section>`;
}

function Delivered({ render, workflow }) {
  const { output, files, startedAt, stoppedAt, name, progress } = render;
  const address = (index, download) =>
    `./api/${renderPath(name, 'files', String(index))}?ticket=${workflow.ticket}${download ? '&download' : ''}`;
  const [video, ...artifacts] = files;
  return html`<section class="box outcome delivered" aria-label="The video">
    ${video && html`<${Media} src=${address(0)} name=${video.name} render=${name} />`}
    <div>
      <${Figures} figures=${[
        ['Frames', output?.framesRendered],
        ['Size', video && megabytes(video.sizeInBytes)],
        ['Took', duration(stoppedAt - startedAt)],
        ['Rendered in', output?.renderTimeInMs === undefined ? undefined : duration(output.renderTimeInMs)],
        ['Functions', output?.lambdasInvoked],
        ['Cost', usd(output?.costInUsd)],
      ]} />
      ${video && html`<p class="uri"><code>s3://${video.bucket}/${video.key}</code> <${Copy} text=${`s3://${video.bucket}/${video.key}`}>Copy<//></p>`}
      <p class="links">
        ${video && html`<a class="button" href=${address(0, true)} download=${video.name}>Download</a>`}
        ${progress?.logsUrl && html`<${Out} href=${progress.logsUrl}>Logs of the render<//>`}
      </p>
      ${
        artifacts.length > 0 &&
        html`<h2>Beside it</h2><ul class="artifacts">${artifacts.map(
          (file, index) =>
            html`<li key=${file.key}><a href=${address(index + 1, true)} download=${file.name}>${file.name}</a> <span class="muted">${megabytes(file.sizeInBytes)}</span></li>`,
        )}${output.artifactsNotListed && html`<li class="muted">and ${output.artifactsNotListed} more, which the output does not list</li>`}</ul>`
      }
    </div>
  </section>`;
}

function Media({ src, name, render }) {
  const [trouble, setTrouble] = useState();
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const explain = () =>
    read(renderPath(render, 'video')).then(
      (answer) =>
        setTrouble(
          answer.trouble ?? { message: `This browser cannot play .${extension} files; download it.` },
        ),
      (error) => setTrouble(error.trouble),
    );
  if (trouble) return html`<${TroubleBox} trouble=${trouble} title="The video cannot be played" />`;
  const shared = { class: 'media', src, onError: explain };
  if (['gif', 'png', 'jpeg'].includes(extension)) return html`<img ...${shared} alt="What was rendered" />`;
  if (['mp3', 'aac', 'wav'].includes(extension))
    return html`<audio ...${shared} controls preload="metadata"></audio>`;
  return html`<video ...${shared} controls playsinline preload="metadata" aria-label="The delivered video"></video>`;
}

const UNSUCCESSFUL = {
  ABORTED: 'It was stopped, and its render is cancelled.',
  TIMED_OUT: 'It outlived the time that an execution has.',
};

function Failed({ render, workflow }) {
  const { status, error, cause = {}, startedAt, stoppedAt, progress } = render;
  const known = workflow.errors[error];
  const remedy = cause.remedy ?? known?.remedy;
  const isRetryable = cause.retryable ?? known?.retryable;
  const look = status === 'ABORTED' ? 'stopped' : 'failed';
  return html`<section class="box outcome ${look}" aria-label="Why there is no video">
    <h2>${error ?? status}</h2>
    <p class="muted">${known?.meaning ?? UNSUCCESSFUL[status]}</p>
    ${cause.message && html`<p class="message">${cause.message}</p>`}
    ${remedy && html`<p class="remedy"><strong>What to do:</strong> ${remedy}</p>`}
    <${Figures} figures=${[
      ['Again as it is', isRetryable === undefined ? undefined : isRetryable ? 'can succeed' : 'fails again'],
      ['Left behind', known?.leaves],
      ['Got to', progress && percent(progress.progressInPercent)],
      ['Cost so far', progress && usd(progress.costInUsd)],
      ['Ended after', duration(stoppedAt - startedAt)],
    ]} />
    <p class="links">${cause.logsUrl && html`<${Out} href=${cause.logsUrl}>Logs of the render<//>`}</p>
  </section>`;
}
