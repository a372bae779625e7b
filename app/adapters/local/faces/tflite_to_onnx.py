"""Converter from .tflite to ONNX for exactly the operators of the two face graphs; any other is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import tflite
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tflite.utils import BUILTIN_OPCODE2NAME

from app.errors import SettingsError

_TYPES: dict[int, type] = {0: np.float32, 1: np.float16, 2: np.int32, 4: np.int64}
_RELU, _RELU6 = 1, 3
Weights = NDArray[Any]
"""Array of constants; the graph has several number types."""


def convert(source: bytes) -> bytes:
    """Return the graph as an ONNX model whose input `image_nhwc` has the original layout.

    Raises:
        SettingsError: an operator is not covered.
    """
    return bytes(_Conversion(tflite.Model.GetRootAsModel(source, 0)).model().SerializeToString())


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return the pixels to add before and after so that the output has `size / stride` steps, rounded up."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class _Conversion:
    def __init__(self, source: tflite.Model) -> None:
        self._source, self._graph = source, source.Subgraphs(0)
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._weights: dict[int, Weights] = {}
        self._shapes: dict[int, list[int]] = {}
        self._handlers: dict[str, Callable[[tflite.Operator, list[int], int], None]] = {
            "DEQUANTIZE": self._dequantize,
            "CONV_2D": self._convolution,
            "DEPTHWISE_CONV_2D": self._depthwise,
            "PRELU": self._prelu,
            "RELU": lambda _, ins, out: self._add("Relu", [_name(ins[0])], _name(out)),
            "ADD": self._sum,
            "MAX_POOL_2D": self._pool,
            "PAD": self._pad,
            "RESHAPE": self._reshape,
            "CONCATENATION": self._concat,
        }
        self._read_tensors()

    def model(self) -> onnx.ModelProto:
        image = int(self._graph.InputsAsNumpy()[0])
        rows, height, width, channels = self._shapes[image]
        self._add("Transpose", ["image_nhwc"], _name(image), perm=[0, 3, 1, 2])
        for index in range(self._graph.OperatorsLength()):
            self._operator(self._graph.Operators(index))
        entry = helper.make_tensor_value_info("image_nhwc", TensorProto.FLOAT, [rows, height, width, channels])
        graph = helper.make_graph(self._nodes, "face", [entry], self._outputs(), self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return model

    def _read_tensors(self) -> None:
        for i in range(self._graph.TensorsLength()):
            tensor = self._graph.Tensors(i)
            self._shapes[i] = [int(x) for x in tensor.ShapeAsNumpy()] if tensor.ShapeLength() else []
            raw = self._source.Buffers(tensor.Buffer())
            if raw.DataLength():
                flat: Weights = np.frombuffer(raw.DataAsNumpy().tobytes(), _TYPES[tensor.Type()])
                self._weights[i] = flat.reshape(self._shapes[i])

    def _operator(self, operator: tflite.Operator) -> None:
        code = self._source.OperatorCodes(operator.OpcodeIndex())
        kind = BUILTIN_OPCODE2NAME[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        handler = self._handlers.get(kind)
        if handler is None:
            raise SettingsError(f"Expected one of {sorted(self._handlers)}, got the operator {kind!r}.")
        handler(operator, [int(x) for x in operator.InputsAsNumpy()], int(operator.OutputsAsNumpy()[0]))

    def _outputs(self) -> list[onnx.ValueInfoProto]:
        out = []
        for tensor in self._graph.OutputsAsNumpy():
            shape = self._shapes[int(tensor)]
            if len(shape) == 4:
                shape = [shape[0], shape[3], shape[1], shape[2]]
            out.append(helper.make_tensor_value_info(_name(int(tensor)), TensorProto.FLOAT, shape))
        return out

    def _add(self, kind: str, inputs: list[str], output: str, **attributes: object) -> None:
        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def _constant(self, name: str, values: Weights) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _activated(self, kind: int, out: int, add: Callable[[str], None]) -> None:
        """Write the operator by `add`, then its fused activation if it has one."""
        if kind not in (0, _RELU, _RELU6):
            raise SettingsError(f"Expected no activation, ReLU or ReLU6, got activation {kind!r}.")
        before = _name(out) if kind == 0 else f"{_name(out)}_before"
        add(before)
        if kind == _RELU:
            self._add("Relu", [before], _name(out))
        elif kind == _RELU6:
            low = self._constant(f"low{out}", np.float32(0) * np.ones((), np.float32))
            high = self._constant(f"high{out}", np.float32(6) * np.ones((), np.float32))
            self._add("Clip", [before, low, high], _name(out))

    def _dequantize(self, _: tflite.Operator, ins: list[int], out: int) -> None:
        self._weights[out] = self._weights[ins[0]].astype(np.float32)

    def _convolution(self, operator: tflite.Operator, ins: list[int], out: int) -> None:
        options = _options(operator, tflite.Conv2DOptions())
        self._convolve(options, ins, out, self._weights[ins[1]].transpose(0, 3, 1, 2), group=1)

    def _depthwise(self, operator: tflite.Operator, ins: list[int], out: int) -> None:
        options = _options(operator, tflite.DepthwiseConv2DOptions())
        self._convolve(options, ins, out, self._weights[ins[1]].transpose(3, 0, 1, 2), group=self._shapes[ins[0]][3])

    def _convolve(self, options: Any, ins: list[int], out: int, kernel: Weights, *, group: int) -> None:
        high, wide = kernel.shape[2:]
        strides = [options.StrideH(), options.StrideW()]
        names = [
            _name(ins[0]),
            self._constant(f"kernel{out}", kernel.astype(np.float32)),
            self._constant(f"bias{out}", self._weights[ins[2]].astype(np.float32)),
        ]
        pads = self._pads(options, ins[0], (high, wide), strides)
        self._activated(
            options.FusedActivationFunction(), out,
            lambda name: self._add(
                "Conv", names, name, kernel_shape=[high, wide], strides=strides, pads=pads, group=group
            ),
        )  # fmt: skip

    def _pads(self, options: Any, source: int, kernel: tuple[int, int], strides: list[int]) -> list[int]:
        if options.Padding() != tflite.Padding.SAME:
            return [0, 0, 0, 0]
        _, height, width, _ = self._shapes[source]
        top, bottom = same_padding(height, kernel[0], strides[0])
        left, right = same_padding(width, kernel[1], strides[1])
        return [top, left, bottom, right]

    def _prelu(self, _: tflite.Operator, ins: list[int], out: int) -> None:
        slope = self._weights[ins[1]].astype(np.float32).reshape(-1, 1, 1)
        self._add("PRelu", [_name(ins[0]), self._constant(f"slope{out}", slope)], _name(out))

    def _sum(self, operator: tflite.Operator, ins: list[int], out: int) -> None:
        options = _options(operator, tflite.AddOptions())
        names = [_name(i) for i in ins]
        self._activated(options.FusedActivationFunction(), out, lambda name: self._add("Add", names, name))

    def _pool(self, operator: tflite.Operator, ins: list[int], out: int) -> None:
        options = _options(operator, tflite.Pool2DOptions())
        kernel, strides = (options.FilterHeight(), options.FilterWidth()), [options.StrideH(), options.StrideW()]
        pads = self._pads(options, ins[0], kernel, strides)
        self._add("MaxPool", [_name(ins[0])], _name(out), kernel_shape=list(kernel), strides=strides, pads=pads)

    def _pad(self, _: tflite.Operator, ins: list[int], out: int) -> None:
        amounts = self._weights[ins[1]].reshape(4, 2)[[0, 3, 1, 2]]  # the layout changes from NHWC to NCHW
        flat = amounts.T.reshape(-1).astype(np.int64)
        self._add("Pad", [_name(ins[0]), self._constant(f"pad{out}", flat)], _name(out))

    def _reshape(self, _: tflite.Operator, ins: list[int], out: int) -> None:
        self._add("Transpose", [_name(ins[0])], f"{_name(out)}_nhwc", perm=[0, 2, 3, 1])
        shape = self._constant(f"shape{out}", np.array(self._shapes[out], np.int64))
        self._add("Reshape", [f"{_name(out)}_nhwc", shape], _name(out))

    def _concat(self, _: tflite.Operator, ins: list[int], out: int) -> None:
        self._add("Concat", [_name(i) for i in ins], _name(out), axis=1)


def _options(operator: tflite.Operator, options: Any) -> Any:  # each operator has its own option class
    table = operator.BuiltinOptions()
    options.Init(table.Bytes, table.Pos)
    return options


def _name(tensor: int) -> str:
    return f"t{tensor}"
