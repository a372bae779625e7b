"""Receipt of an erasing, as a visitor reads it."""

from datetime import UTC, datetime

from app.conversation.erasing.receipt import ErasureReceipt


def test_a_receipt_counts_what_went_and_says_whose_the_rest_is():
    receipt = ErasureReceipt("0" * 16, datetime(2026, 11, 30, tzinfo=UTC), {"turns": 2, "deliveries": 1, "clip": 0})

    document = receipt.document()

    assert document["erased"] == {"deliveries": 1, "turns": 2}
    assert [text for text in document["left"] if "webhook" in text and "the site's to delete" in text]
