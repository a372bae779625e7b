"""The package: from an author's words to the clip a visitor sees.

Imports point down, room by room: `cli`, then `web`, `worker` and `simulators`, then `runtime`, `adapters`,
`conversation`, `learning`, `rendering`, `matching` and `store`, `catalog`, and the kernel (`audit`,
`tracing`, `text`, `digest`, `errors`). Begin with `catalog/model.py` for the words, or
`runtime/serving/container.py` for the whole.
"""
