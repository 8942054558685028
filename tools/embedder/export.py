"""Writes a trained embedder as ONNX with half-precision weights and checks it against torch."""

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from network import Backbone, Embedder
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

SMALL = 64


class PlainFeatures(nn.Module):
    """The peer of the bench: EfficientNet-Lite0 as it comes, 1280 pooled features, the mirror averaged in, length 1."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, pictures: Tensor) -> Tensor:
        both = self.backbone(pictures)[:, -1280:] + self.backbone(pictures.flip(3))[:, -1280:]
        return nn.functional.normalize(both, dim=1)


def with_half_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Stores large weights in 16 bits behind a cast back to 32: half the file, the same arithmetic."""
    casts = []
    for tensor in list(model.graph.initializer):
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < SMALL:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*casts, *nodes])
    onnx.checker.check_model(model)
    return model


def export(model: nn.Module, target: Path, side: int) -> float:
    """Writes the ONNX file; answers the largest difference from torch over random pictures."""
    model = model.eval().to(memory_format=torch.contiguous_format)
    pictures = torch.rand(3, 3, side, side) * 255
    torch.onnx.export(
        model,
        (pictures,),
        str(target),
        input_names=["pictures"],
        output_names=["vectors"],
        dynamo=False,
        opset_version=17,
        dynamic_axes={"pictures": {0: "n"}, "vectors": {0: "n"}},
    )
    stored = with_half_weights(onnx.load(str(target)))
    # Where the exporter ran is nobody's business; it only puts this machine's paths into the file.
    for node in stored.graph.node:
        node.doc_string = ""
    target.write_bytes(stored.SerializeToString(deterministic=True))
    session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    answers = session.run(["vectors"], {"pictures": pictures.numpy()})[0]
    with torch.no_grad():
        return float(np.abs(answers - model(pictures).numpy()).max())


def main() -> None:
    """Reads trained weights, or none for the plain peer, and writes the ONNX file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--weights", type=Path, help="what train.py wrote; without it the plain network is written")
    parser.add_argument("--side", type=int, default=192)
    options = parser.parse_args()
    torch.manual_seed(0)
    model: nn.Module = PlainFeatures(Backbone())
    if options.weights:
        model = Embedder(Backbone())
        model.load_state_dict(torch.load(options.weights, weights_only=True))
    difference = export(model, options.target, options.side)
    print(options.target, options.target.stat().st_size, "bytes; largest difference from torch", difference)


if __name__ == "__main__":
    main()
