"""The lower layers' work, done once and looked up, on the real model."""

import copy

from app.adapters.encoders.frozen_layers import LAYERS, TrainableLayers
from tests.support.lazy import LazyModule
from tests.support.matching import real_encoder

torch = LazyModule("torch")
TEXTS = ("when do you open", "is there a cafe where one can sit down for a while")


def vectors(model, tokens):
    padded = model.tokenizer.pad({"input_ids": tokens}, return_tensors="pt")
    with torch.no_grad():
        return model(dict(padded))["sentence_embedding"]


def test_a_text_looked_up_is_the_text_worked_out():
    model = copy.deepcopy(real_encoder().model()).eval()
    tokens = model.tokenizer(list(TEXTS))["input_ids"]
    before, layers = vectors(model, tokens), len(model[0].auto_model.encoder.layer)

    upper = TrainableLayers(model, tokens)
    model.eval()

    assert layers > LAYERS == len(model[0].auto_model.encoder.layer)
    assert torch.allclose(vectors(model, tokens), before, atol=1e-5)
    upper.whole()
    assert len(model[0].auto_model.encoder.layer) == layers
    assert torch.allclose(vectors(model, tokens), before, atol=1e-6)


def test_a_model_with_few_layers_is_taught_whole():
    model = copy.deepcopy(real_encoder().model())
    model[0].auto_model.encoder.layer = model[0].auto_model.encoder.layer[:LAYERS]
    embeddings = model[0].auto_model.embeddings

    TrainableLayers(model, [[101, 102]]).whole()

    assert model[0].auto_model.embeddings is embeddings


def test_a_model_that_is_no_transformer_is_taught_whole():
    TrainableLayers([torch.nn.Linear(2, 2)], [[101, 102]]).whole()
