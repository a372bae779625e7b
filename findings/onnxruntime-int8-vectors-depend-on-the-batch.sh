#!/bin/sh
# onnxruntime 1.32.0, `quantize_dynamic` with eight-bit weights (the usual small build of an encoder).
#
# Guess:  a text's vector is the same alone and in a batch; quantizing costs some accuracy, always the same.
# Seen:   the scale of the eight-bit activations is taken over the whole batch. A row beside one with larger numbers gets
#         coarser steps, and another result, than alone: the same question has other neighbours when it is encoded with others.
#         With the weights in 32 bits both are equal to the bit.
# So:     batch an eight-bit encoder for throughput only where thresholds bear it, or encode what is compared one by one.
#
# Fails when onnxruntime no longer does this.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "onnxruntime==1.32.0" "onnx==1.23.2"

cat > "$folder/batch.py" <<'PYTHON'
import logging

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

logging.disable(logging.CRITICAL)
dice = np.random.default_rng(0)
weights = numpy_helper.from_array(dice.normal(size=(64, 8)).astype(np.float32), "w")
layer = helper.make_graph(
    [helper.make_node("MatMul", ["x", "w"], ["y"])],
    "layer",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 64])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 8])],
    [weights],
)
onnx.save(helper.make_model(layer, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), "bits32.onnx")
quantize_dynamic("bits32.onnx", "bits8.onnx", weight_type=QuantType.QInt8)

row = dice.normal(size=(1, 64)).astype(np.float32)
for name in ("bits32", "bits8"):
    session = onnxruntime.InferenceSession(f"{name}.onnx", providers=["CPUExecutionProvider"])
    alone = session.run(None, {"x": row})[0][0]
    beside = session.run(None, {"x": np.vstack([row, row * 20])})[0][0]
    off = float(np.abs(alone - beside).max() / np.abs(alone).max())
    print(name, "equal" if off < 1e-5 else "more than one per cent off" if off > 0.01 else "nearly equal")
PYTHON

cd "$folder"
venv/bin/python batch.py | tee seen
printf 'bits32 equal\nbits8 more than one per cent off\n' | cmp - seen
echo "onnxruntime 1.32.0 still takes the scale of eight-bit activations over the whole batch."
