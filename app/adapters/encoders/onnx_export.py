"""ONNX export of a sentence-transformers model as one graph.

Token numbers to a sentence's vector, 8-bit weights.
"""

import json
import logging
import warnings
from pathlib import Path
from typing import Any, Final

OPSET: Final = 17
"""Operator set: the newest that every part of these graphs has been in for years."""


class ExportError(Exception):
    """The model cannot be written as a graph; the original still works."""


def export(model: Any, folder: Path) -> None:  # untyped: sentence_transformers.SentenceTransformer
    """Write `model.onnx`, `tokenizer.json` and `facts.json`.

    Takes about ten seconds and 400 MB for a small model.

    Raises:
        ExportError: the model has no fast tokenizer, or a layer that the exporter does not know.
    """
    try:
        _write_tokenizer(model, folder)
        whole = folder / "whole.onnx"
        _write_graph(model, whole)
        _quantize(whole, folder / "model.onnx")
        whole.unlink()
    except Exception as error:  # the exporter raises whatever its layers raise
        raise ExportError(f"Cannot export the model to ONNX: {type(error).__name__}: {error}") from error


def _write_tokenizer(model: Any, folder: Path) -> None:
    model.tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "facts.json").write_text(json.dumps({"max_tokens": int(model.max_seq_length)}))


def _write_graph(model: Any, path: Path) -> None:
    import torch  # noqa: PLC0415 - only an export needs it

    example = dict(model.tokenizer(["A short one", "and a somewhat longer one"], padding=True, return_tensors="pt"))
    names = list(example)

    class SentenceModel(torch.nn.Module):
        """Module with tokens in, sentence vectors out."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *columns: Any) -> Any:
            """Run every module of the model."""
            return self.model(dict(zip(names, columns, strict=True)))["sentence_embedding"]

    axes = {name: {0: "texts", 1: "tokens"} for name in names} | {"vector": {0: "texts"}}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            SentenceModel().eval(),
            tuple(example.values()),
            str(path),
            input_names=names,
            output_names=["vector"],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )


def _quantize(whole: Path, quantized: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)  # its warning recommends a needless step
    try:
        quantize_dynamic(str(whole), str(quantized), weight_type=QuantType.QInt8, per_channel=True)
    finally:
        root.setLevel(before)
