"""Player: clips, words, states and timers of a turn, on the outbox."""

from app.conversation.actions import Arm, Deadlines, Drop, FindClip, NoteTurn, Work
from app.conversation.hot_path.prepared import state
from app.conversation.outbox import Outbox
from app.conversation.ports import PlayableClip
from app.conversation.protocol.server_messages import (
    ClipRole,
    Mood,
    ResponseHandover,
    ResponseTextDone,
    Source,
)
from app.conversation.replies import response
from app.conversation.script import Script, card_of
from app.conversation.turn import LastWords, Turn, VisitorHistory

END_S = 0.5
"""Last seconds of a clip: whoever goes on in them has heard it."""


class Player:
    """Plays what the ladder decides, and knows what plays now."""

    def __init__(self, outbox: Outbox, script: Script, visit: VisitorHistory, deadlines: Deadlines) -> None:
        """Play nothing yet."""
        self._out = outbox
        self._script = script
        self._visit = visit
        self._deadlines = deadlines
        self.mood: Mood = "listening"
        self.playing: tuple[str, str] | None = None
        """Turn and digest of the clip that plays now; None if none plays."""
        self.speech_ends = 0.0
        """Time at which that clip is over, if the player does not report it earlier."""
        self.speech_began = 0.0

    def hush(self, *, heard: bool = False) -> None:
        """Stop the clip that plays; unless it was heard to its end, note when it was stopped."""
        if self.playing:
            turn = self.playing[0]
            self._out.do(Drop(turn, Work.SPEECH))
            self.playing = None
            left_s = self.speech_ends - self._deadlines.speech_slack_s - self._out.now
            if not heard and left_s > END_S:
                self._out.do(NoteTurn(turn, stopped_after_s=round(max(0.0, self._out.now - self.speech_began), 2)))

    def speak_on(self) -> None:
        """Go on with the clip that plays, on another node."""
        if self.playing:
            self._out.do(Arm(self.playing[0], Work.SPEECH, max(0.0, self.speech_ends - self._out.now)))

    def speech_over(self, turn: str) -> None:
        """Note that a turn's clip was heard to its end."""
        if self.playing and self.playing[0] == turn:
            self.hush(heard=True)
            self.show("listening")

    def show(self, mood: Mood) -> None:
        """Send the avatar's state if it has changed."""
        if mood != self.mood:
            self.mood = mood
            self._out.send(state(mood))

    def _hand_over(self, turn: Turn) -> None:
        """Tell the page that a person is wanted."""
        if turn.hands_over:
            card = card_of(self._script.intent(turn.excuse), turn.locale, turn.page)
            self._out.send(ResponseHandover(turn=turn.id, card=card))

    def _play(self, turn: Turn, clip: PlayableClip, role: ClipRole, source: Source) -> None:
        turn.mark_answered(self._out.now)
        turn.clip, turn.said = clip.digest, clip.text or turn.said
        own = turn.intent or turn.excuse
        self._visit.memory.last = LastWords(clip.text, own, turn.variant, role, rendered=own is None)
        if source == "cache":
            self._visit.memory.last_holding = None
        self._out.send(response(self._script, turn, clip, role=role, source=source))
        self.playing = (turn.id, clip.digest)
        self.show("speaking")
        speech_s = clip.duration_s + self._deadlines.speech_slack_s
        self.speech_began, self.speech_ends = self._out.now, self._out.now + speech_s
        self._out.do(Arm(turn.id, Work.SPEECH, speech_s))

    def _words(self, turn: Turn, intent: str | None) -> str:
        """Return the words of an intent for a turn, with the page's variables in them."""
        return self._script.words(intent or "", locale=turn.locale, variant=turn.variant)

    def _hold(self, turn: Turn) -> None:
        clip = turn.holding
        if clip is None or not turn.words:
            return
        turn.holding = None
        if clip.digest == self._visit.memory.last_holding:
            self._visit.memory.last_holding = None
            return
        self._visit.memory.last_holding = clip.digest
        self._out.send(response(self._script, turn, clip, role=ClipRole.HOLDING, source="cache"))

    def _begin(self, turn: Turn, work: Work) -> None:
        turn.pending.add(work)
        self._out.do(Arm(turn.id, work, self._deadlines.of(work)))

    def _end(self, turn: Turn, work: Work) -> None:
        if work in turn.pending:
            turn.pending.discard(work)
            self._out.do(Drop(turn.id, work))

    def _say(self, turn: Turn, text: str) -> None:
        turn.mark_answered(self._out.now)
        turn.said = text
        self._out.send(ResponseTextDone(turn=turn.id, text=text))

    def _find(self, turn: Turn, work: Work, place: tuple[str, int]) -> None:
        self._begin(turn, work)
        self._out.do(FindClip(turn.id, work, place[0], turn.locale, place[1]))

    def _abandon(self, turn: Turn) -> None:
        for work in sorted(turn.pending):
            self._out.do(Drop(turn.id, work))
        turn.pending.clear()
