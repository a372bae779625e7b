import { html, nothing, render } from 'lit';

const close = () => (window.shut += 1);
window.bind = (props) =>
  render(
    props
      ? html`<greenroom-chat
          name=${props.name ?? nothing}
          mode=${props.mode ?? nothing}
          .open=${props.open}
          .locale=${props.locale}
          .texts=${props.texts}
          .captions=${props.captions}
          @greenroom:close=${close}
        ></greenroom-chat>`
      : nothing,
    document.querySelector('#app'),
  );
window.bind(window.first);
