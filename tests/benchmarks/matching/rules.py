"""How other systems decide, written out from their documentation and defaults."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Similar = NDArray[np.float32]
"""Cosines, one row a question, one column an example."""


@dataclass(frozen=True, slots=True)
class Answers:
    """For each question the first choice, its score, and whether it is played."""

    intents: NDArray[np.str_]
    scores: NDArray[np.float64]
    plays: NDArray[np.bool_]
    chips: tuple[tuple[str, ...], ...] = ()
    """For each question the intents it could mean, where nothing plays; empty for a system without chips."""


def others(similar: Similar, owners: NDArray[np.str_]) -> dict[str, Answers]:
    """Every rule, by name and setting."""
    near, router = nearest(similar, owners), averaged(similar, owners)
    return {
        "semantic-router's rule, no threshold": _from(router, -1.0),
        "semantic-router's rule, 0.5 (its Hugging Face encoder's default)": _from(router, 0.5),
        "GPTCache's rule, 0.8 (default), squared distances as faiss gives them": _from(near, 0.6),
        "GPTCache's rule, 0.8 (default), plain distances": _from(near, 0.68),
        "LangChain's rule on Astra DB, similarity 0.85 (default), which is a cosine of 0.7": _from(near, 0.7),
        "LangChain's rule on Redis, distance 0.2 (default)": _from(near, 0.8),
        "LiteLLM's rule on Redis or Qdrant, similarity 0.7": _from(near, 0.7),
        "LiteLLM's rule on Redis or Qdrant, similarity 0.8 (no default; its documentation's values)": _from(near, 0.8),
        "RedisVL SemanticCache's rule, distance 0.2": _from(near, 0.8),
        "RedisVL SemanticCache's rule, distance 0.1 (default)": _from(near, 0.9),
    }


def nearest(similar: Similar, owners: NDArray[np.str_]) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """The caches: the nearest example decides, its cosine is the score."""
    return owners[similar.argmax(axis=1)], similar.max(axis=1).astype(np.float64)


def averaged(
    similar: Similar, owners: NDArray[np.str_], *, top: int = 5
) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """semantic-router: of the five nearest examples, the route with the best mean; that mean is the score."""
    order = np.argsort(-similar, axis=1, kind="stable")[:, :top]
    best = [_route(owners[row], similar[at, row]) for at, row in enumerate(order)]
    return np.array([name for name, _ in best]), np.array([score for _, score in best])


def _route(names: NDArray[np.str_], scores: Similar) -> tuple[str, float]:
    means = {str(name): float(scores[names == name].mean()) for name in dict.fromkeys(names)}
    return max(means.items(), key=lambda item: item[1])


def _from(first: tuple[NDArray[np.str_], NDArray[np.float64]], threshold: float) -> Answers:
    return Answers(first[0], first[1], first[1] >= threshold)
