"""The editor says what an edit would do before a byte is written."""

from app.authoring.edits import AddTexts, SetTitle
from app.authoring.effect import AskedBefore
from app.runtime.commands.answers.editor import CatalogEditor


async def test_a_preview_says_who_would_be_answered_otherwise_and_writes_nothing(editor, root):
    before = (root / "desk/lift.yaml").read_bytes()
    edit = AddTexts("lift", "phrases", "en", ("Is there an elevator?", "Where can I park?"))

    preview = await editor.preview([edit], recorded=[AskedBefore("where can i park", "en", 7)])

    moved = {one.question: one for one in preview.moved}
    assert (moved["is there an elevator"].after.intent, moved["is there an elevator"].better) == ("lift", True)
    assert moved["where can i park"].before.intent == "parking"
    assert set(moved["where can i park"].after.choices) == {"parking", "lift"}
    assert (moved["where can i park"].times, moved["where can i park"].better) == (7, None)
    assert "phrase-shared" in {one.rule for one in preview.findings}
    assert preview.asked == 4
    assert preview.right_before is not None
    assert not preview.written
    assert (root / "desk/lift.yaml").read_bytes() == before


async def test_a_quick_preview_needs_no_encoder(editor):
    bare = CatalogEditor(editor.settings, editor.files, loaded=None)

    preview = await bare.preview([AddTexts("lift", "phrases", "en", ("Where can I park?",))], quick=True)

    assert [one.rule for one in preview.findings] == ["phrase-shared"]
    assert preview.moved == ()
    assert preview.right_after is None


async def test_an_applied_edit_is_on_disk_and_in_the_audit_log(editor, root, memory_audit):
    kept = CatalogEditor(editor.settings, editor.files, memory_audit, loaded=editor.loaded)

    preview = await kept.apply([SetTitle("lift", "Lift")], by="ann@desk", quick=True)

    assert preview.written
    assert "title: Lift\n" in (root / "desk/lift.yaml").read_text()
    (row,) = await memory_audit.list(actions=["catalog"])
    assert (row.act.actor, row.act.action, row.act.subject) == ("ann@desk", "catalog.edited", "desk/lift.yaml")
