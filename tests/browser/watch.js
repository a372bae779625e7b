/**
 * Watches the stage through many switches: what is on top, whether it holds a picture, and when each picture came.
 * Run in the page; gives `window.watched`, a promise of the record.
 */
(switches) => {
  const chat = document.querySelector('greenroom-chat');
  const videos = [...chat.shadowRoot.querySelectorAll('video')];
  const top = () => videos.reduce((a, b) => (Number(b.style.zIndex) > Number(a.style.zIndex) ? b : a));
  const pen = Object.assign(document.createElement('canvas'), { width: 16, height: 16 }).getContext('2d', { willReadFrequently: true });
  const record = { looks: 0, times: [], holes: [], dark: 0, pictures: [], switches: 0 };

  // A video has a picture from its first frame on, until its source is taken away.
  const has = new Map(videos.map((video) => [video, video.readyState >= 2 && video.videoWidth > 0]));
  const follow = (video) =>
    video.requestVideoFrameCallback((now) => {
      has.set(video, true);
      if (video === top()) record.pictures.push({ at: now, layer: videos.indexOf(video) });
      follow(video);
    });
  for (const video of videos) {
    video.addEventListener('emptied', () => has.set(video, false));
    follow(video);
  }

  let empty_since = null;
  let before = top();
  const look = (now) => {
    const video = top();
    record.looks += 1;
    record.times.push(now);
    if (video !== before) {
      record.switches += 1;
      record.pictures.push({ at: now, layer: videos.indexOf(video) }); // raised with the picture that it holds
    }
    before = video;
    if (has.get(video)) {
      if (empty_since !== null) record.holes.push(now - empty_since);
      empty_since = null;
    } else empty_since ??= now;
    // While it seeks (the loop's seam) a video keeps its picture on the screen, but lends it to no canvas.
    if (has.get(video) && !video.seeking && video.readyState >= 2) {
      pen.clearRect(0, 0, 16, 16);
      pen.drawImage(video, 0, 0, 16, 16);
      const pixels = pen.getImageData(0, 0, 16, 16).data;
      const light = pixels.reduce((sum, part, i) => (i % 4 === 3 ? sum : sum + part), 0) / (16 * 16 * 3);
      if (light < 40) record.dark += 1;
    }
    if (record.switches < switches) requestAnimationFrame(look);
    else finish(record);
  };

  let finish;
  window.watched = new Promise((resolve) => (finish = resolve));
  chat.addEventListener('greenroom:idle', () => setTimeout(() => chat.ask('quick'), 80));
  requestAnimationFrame(look);
  chat.ask('quick');
};
