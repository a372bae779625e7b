"""Player: clips, words, states and timers of a turn, on the outbox."""

from app.conversation.actions import Arm, Deadlines, Drop, FindClip, Work
from app.conversation.outbox import Outbox
from app.conversation.ports import PlayableClip
from app.conversation.protocol.server_messages import ClipRole, Mood, ResponseTextDone, Source, State
from app.conversation.replies import response
from app.conversation.script import Script
from app.conversation.turn import LastWords, Turn, VisitorHistory


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

    def hush(self) -> None:
        """Stop the clip that plays."""
        if self.playing:
            self._out.do(Drop(self.playing[0], Work.SPEECH))
            self.playing = None

    def show(self, mood: Mood) -> None:
        """Send the avatar's state if it has changed."""
        if mood != self.mood:
            self.mood = mood
            self._out.send(State(value=mood))

    def _play(self, turn: Turn, clip: PlayableClip, role: ClipRole, source: Source) -> None:
        turn.mark_answered(self._out.now)
        turn.clip = clip.digest
        own = turn.intent or turn.excuse
        self._visit.memory.last = LastWords(clip.text, own, turn.variant, role, rendered=own is None)
        if source == "cache":
            self._visit.memory.last_holding = None
        self._out.send(response(self._script, turn, clip, role=role, source=source))
        self.playing = (turn.id, clip.digest)
        self.show("speaking")
        speech_s = clip.duration_s + self._deadlines.speech_slack_s
        self.speech_ends = self._out.now + speech_s
        self._out.do(Arm(turn.id, Work.SPEECH, speech_s))

    def _begin(self, turn: Turn, work: Work) -> None:
        turn.pending.add(work)
        self._out.do(Arm(turn.id, work, self._deadlines.of(work)))

    def _end(self, turn: Turn, work: Work) -> None:
        if work in turn.pending:
            turn.pending.discard(work)
            self._out.do(Drop(turn.id, work))

    def _say(self, turn: Turn, text: str) -> None:
        turn.mark_answered(self._out.now)
        self._out.send(ResponseTextDone(turn=turn.id, text=text))

    def _find(self, turn: Turn, work: Work, place: tuple[str, int]) -> None:
        self._begin(turn, work)
        self._out.do(FindClip(turn.id, work, place[0], turn.locale, place[1]))

    def _abandon(self, turn: Turn) -> None:
        for work in sorted(turn.pending):
            self._out.do(Drop(turn.id, work))
        turn.pending.clear()
