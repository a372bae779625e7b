"""Moderation against the simulator's wire, and by a list of words."""

import pytest
import stamina

from app.adapters.http.endpoint import Access
from app.adapters.responders.moderation import OpenAIModeration, WordList
from app.errors import BudgetExceededError, ProviderUnavailableError, SettingsError
from app.simulators.faults import Fault, Operation
from tests.support.accounts import judging
from tests.support.simulated import simulators


@pytest.fixture(scope="module")
def simulated():
    with simulators() as running:
        yield running


async def test_moderation_names_what_it_found(simulated):
    moderation = OpenAIModeration(Access("key", base_url=f"{simulated.url}/openai/v1"), judging())

    judged = [await moderation.blocked(words) for words in ("Where is the cloakroom?", "I will kill the mill")]
    await moderation.aclose()

    assert judged == [None, "violence"]


async def test_moderation_that_cannot_be_reached_says_so(simulated):
    stamina.set_testing(True)
    simulated.trouble("openai", Fault.SERVER_ERROR, Operation.POLL, times=1)
    moderation = OpenAIModeration(Access("key", base_url=f"{simulated.url}/openai"), judging())

    with pytest.raises(ProviderUnavailableError):
        await moderation.blocked("Hello")
    await moderation.aclose()
    stamina.set_testing(False)


@pytest.mark.parametrize(
    ("words", "hit"),
    [("What a DARN  cold day", True), ("darning wool", False), ("Is it cheap, plastic?", True), ("cheap", False)],
)
async def test_a_word_list_blocks_whole_words_however_they_are_written(words, hit):
    listed = WordList(["darn", "cheap plastic", " "])
    for drawn in ("dаrn", "ďärn", "d4rn", "d\u200barn", "ｄａｒｎ", "CHEAP PLASTІC", "da\u0336rn"):
        assert await listed.blocked(f"What {drawn} thing!"), drawn
    plain = WordList(["ass", "so", "tot", "heil", "fail"])
    for text in ("The bus 455 stops here", "50 euros", "Room 707", "Das Zimmer ist hell", "In the fall we close"):
        assert not await plain.blocked(text), text

    assert (await listed.blocked(words) is not None) is hit


async def test_a_word_list_is_a_text_file(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("# not these\nSchurke  # a rogue\n\n", encoding="utf-8")

    assert await WordList.read(path).blocked("Du Schurke!")
    with pytest.raises(SettingsError, match="GREENROOM_BLOCKED_WORDS"):
        WordList.read(tmp_path / "none.txt")


async def test_without_a_budget_it_is_not_asked():
    moderation = OpenAIModeration(Access("key", base_url="http://127.0.0.1:9"), judging("0"))

    with pytest.raises(BudgetExceededError):
        await moderation.blocked("Hello")
