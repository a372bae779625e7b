"""Visitors' lines: how the frames of `greenroom.v1` come in and go out, on one session and under one set of rules.

`socket` is the WebSocket, `event_stream` the way through networks that let none pass: frames are posted, answers are
server-sent events. `line` is what both have in common.
"""
