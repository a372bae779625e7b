"""Sounds for a microphone: sentences, a cough, a click, noise; and a microphone that a test speaks into."""

import asyncio
import io
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.adapters.local.speech import LocalSpeech
from app.rendering.ports import SpeechRequest
from tests.browser.servers import Server

RATE = 48_000
QUESTION, HANDS = "Where can I park my car?", "Talk hands-free"
Sound = npt.NDArray[np.float64]

MICROPHONE = """window.streams = [];
delete window.SpeechRecognition; delete window.webkitSpeechRecognition;
navigator.mediaDevices.getUserMedia = async (wish) => {
  window.wish = wish;
  const context = (window.room ??= new AudioContext({sampleRate: 48000}));
  await context.resume();
  window.line = context.createMediaStreamDestination();
  window.streams.push(window.line.stream);
  return window.line.stream;
};
window.utter = async (url) => {
  const sound = await (await fetch(url)).arrayBuffer();
  const source = window.room.createBufferSource();
  source.buffer = await window.room.decodeAudioData(sound);
  source.connect(window.line);
  source.start();
};"""
"""A microphone of the page's own: `utter(address)` speaks a sound into it; `streams` are those that were given out."""

OPEN = "window.streams.filter((stream) => stream.getTracks().some((track) => track.readyState === 'live')).length"
"""How many streams of the microphone are not released."""

LATENCY = """async ([url, lead_s]) => {
  const {Detector} = await import('/widget/speech/detector.js');
  const context = new OfflineAudioContext(1, 16000 * 8, 16000);
  const source = context.createBufferSource();
  source.buffer = await context.decodeAudioData(await (await fetch(url)).arrayBuffer());
  source.connect(context.destination);
  source.start();
  const samples = (await context.startRendering()).getChannelData(0);
  const detector = new Detector();
  const news = [];
  for (let at = 0; at + 320 <= samples.length; at += 320) {
    const said = detector.hear(samples.slice(at, at + 320));
    if (said) news.push([said, (at + 320) / 16000 - lead_s]);
  }
  return news;
}"""
"""What the widget's detector tells of a sound, and when: in seconds after `lead_s` of it."""


def spoken(text: str, locale: str = "en") -> Sound:
    """A sentence by the local voice, without silence around it."""
    request = SpeechRequest(text, locale, "default", 1.0)
    voice = LocalSpeech(Path("~/.cache/greenroom").expanduser())
    with ThreadPoolExecutor(1) as thread:  # the browser's loop runs in this one
        sound = read(thread.submit(lambda: asyncio.run(voice.speak(request))).result().wav)
    (loud,) = np.nonzero(np.abs(sound) > 0.01)
    return sound[loud[0] : loud[-1]]


def read(wav: bytes) -> Sound:
    """The samples of a WAV file, -1 to 1."""
    with wave.open(io.BytesIO(wav)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float64) / 32768


def write(path: Path, *parts: Sound | float) -> None:
    """Write sounds and silences (seconds) one after the other."""
    sound = np.concatenate([np.zeros(round(part * RATE)) if isinstance(part, float) else part for part in parts])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype(np.int16).tobytes())


def noise(seconds: float, level: float, seed: int = 0) -> Sound:
    """White noise of this root mean square."""
    return np.random.default_rng(seed).normal(0, level, round(seconds * RATE))


def noisy(sound: Sound, signal_to_noise_db: float) -> Sound:
    """A sound in a noise so many decibels below it."""
    level = np.sqrt(np.mean(sound**2)) / 10 ** (signal_to_noise_db / 20)
    return sound + noise(len(sound) / RATE, level)


def cough(voiced_s: float = 0.0) -> Sound:
    """A burst of noise that fades; with a little voice in it, as in many coughs."""
    burst = noise(0.3, 0.3) * np.exp(-np.arange(round(0.3 * RATE)) / (0.06 * RATE))
    t = np.arange(round(voiced_s * RATE)) / RATE
    voice = sum((0.15 / k * np.sin(2 * np.pi * 160 * k * t) for k in range(1, 12)), np.zeros(len(t)))
    return np.concatenate([burst, voice])


def click() -> Sound:
    """A knock on the table."""
    t = np.arange(round(0.02 * RATE)) / RATE
    return 0.9 * np.exp(-t / 0.002) * np.sign(np.sin(2 * np.pi * 900 * t))


def hears(server: Server, words: str) -> None:
    """Let a server hear these words in every sound."""

    async def words_of(_: bytes) -> str:
        return words

    server.hand.hears = words_of
