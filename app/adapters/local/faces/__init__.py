"""Face detection: boxes, 468 points and head pose of a picture, from two small graphs.

Begin with `detector.py`. `checks.py` says what is wrong with a portrait; `onnx_graphs.py` opens the graphs,
which `tflite_to_onnx.py` converts once.
"""
