"""Figures found by an open-vocabulary detector, with outlines by a segmenter where one is set.

Grounding DINO (Apache-2.0) finds boxes for words; Segment Anything (Apache-2.0) draws what is in a box.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import AutoModelForZeroShotObjectDetection, AutoProcessor, SamModel

from gpu_worker.pipelines.diffusion.family import CastInPicture
from gpu_worker.pipelines.diffusion.figures import Labels

WORDS = "a character. a person. an animal. a creature."
OVERLAP_MAX = 0.6  # of two boxes, intersection over union: above it they are one figure
SHARED_MAX = 0.7  # of the smaller of two outlines: above it they are one figure
STRANGERS_MAX = 6  # figures that are not of the cast are told apart up to here

Box = tuple[float, float, float, float]  # left, top, right, bottom, px


class DetectedFigures:
    """Looks for figures and gives each of the cast the one nearest to where it was ordered; others come after them."""

    def __init__(self, detector: Path, segmenter: Path | None, *, device: str, threshold: float) -> None:
        self.name = "detector" if segmenter is None else "detector_and_segmenter"
        self._device = device
        self._threshold = threshold
        self._processor = AutoProcessor.from_pretrained(detector, local_files_only=True)
        self._detector = AutoModelForZeroShotObjectDetection.from_pretrained(
            detector, local_files_only=True, use_safetensors=True
        ).to(device)
        self._outlines = Outlines(segmenter, device=device) if segmenter else None

    def find(self, picture: Image.Image, cast: Sequence[CastInPicture]) -> Labels:
        """See `FigureFinder.find`."""
        boxes = told_apart(self._boxes(picture))[: len(cast) + STRANGERS_MAX]
        if self._outlines and boxes:
            masks = self._outlines.of(picture, boxes)
            kept = drawn_apart(masks)
            boxes, masks = [boxes[place] for place in kept], [masks[place] for place in kept]
        else:
            masks = boxes_as_masks(picture, boxes)
        numbers = numbered(boxes, cast, picture.size)
        labels = np.zeros((picture.height, picture.width), np.uint8)
        # A small figure stands before a large one, else it could not be seen.
        for place in sorted(range(len(boxes)), key=lambda place: -int(masks[place].sum())):
            labels[masks[place]] = numbers[place]
        return labels

    def _boxes(self, picture: Image.Image) -> list[Box]:
        """Boxes above the threshold, the surest first."""
        asked = self._processor(images=picture, text=WORDS, return_tensors="pt").to(self._device)
        with torch.inference_mode():
            seen = self._detector(**asked)
        [found] = self._processor.post_process_grounded_object_detection(
            seen,
            asked.input_ids,
            threshold=self._threshold,
            text_threshold=self._threshold,
            target_sizes=[(picture.height, picture.width)],
        )
        order = torch.argsort(found["scores"], descending=True)
        return [as_box(values) for values in found["boxes"][order].tolist()]


class Outlines:
    """Segment Anything: the outline of what is in a box."""

    def __init__(self, segmenter: Path, *, device: str) -> None:
        self._device = device
        self._processor = AutoProcessor.from_pretrained(segmenter, local_files_only=True)
        self._model = SamModel.from_pretrained(
            segmenter, local_files_only=True, use_safetensors=True, device_map=device
        )

    def of(self, picture: Image.Image, boxes: Sequence[Box]) -> list[NDArray[np.bool_]]:
        """Answer a mask (height, width) for each box."""
        asked = self._processor(images=picture, input_boxes=[[list(box) for box in boxes]], return_tensors="pt")
        with torch.inference_mode():
            drawn = self._model(
                pixel_values=asked.pixel_values.to(self._device),
                input_boxes=asked.input_boxes.to(self._device, torch.float32),
                multimask_output=False,
            )
        [masks] = self._processor.image_processor.post_process_masks(
            drawn.pred_masks.cpu(), asked.original_sizes, asked.reshaped_input_sizes
        )
        return [mask[0].numpy() for mask in masks]


def as_box(values: Sequence[float]) -> Box:
    left, top, right, bottom = values
    return left, top, right, bottom


def boxes_as_masks(picture: Image.Image, boxes: Sequence[Box]) -> list[NDArray[np.bool_]]:
    """Where there is no segmenter, all of a box is its figure."""
    masks: list[NDArray[np.bool_]] = []
    for left, top, right, bottom in boxes:
        mask = np.zeros((picture.height, picture.width), bool)
        mask[max(0, round(top)) : max(0, round(bottom)), max(0, round(left)) : max(0, round(right))] = True
        masks.append(mask)
    return masks


def told_apart(boxes: Sequence[Box]) -> list[Box]:
    """Keep the surest of boxes that are the same figure."""
    kept: list[Box] = []
    for box in boxes:
        if all(overlap(box, other) <= OVERLAP_MAX for other in kept):
            kept.append(box)
    return kept


def drawn_apart(masks: Sequence[NDArray[np.bool_]]) -> list[int]:
    """Answer the places of those that are figures of their own, the surest first.

    A head is drawn again within its body, and a group around those that it is of; who stands before another is not.
    """
    kept: list[int] = []
    for place, mask in enumerate(masks):
        shares = [
            int((mask & masks[other]).sum()) / max(1, min(int(mask.sum()), int(masks[other].sum()))) for other in kept
        ]
        if mask.any() and all(share <= SHARED_MAX for share in shares):
            kept.append(place)
    return kept


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    whole = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - shared
    return shared / whole if whole > 0 else 0.0


def numbered(boxes: Sequence[Box], cast: Sequence[CastInPicture], size: tuple[int, int]) -> list[int]:
    """Answer each box's number: nearest pairs of box and ordered region first, then strangers from len(cast) + 1 on."""
    middles = [((box[0] + box[2]) / 2 / size[0], (box[1] + box[3]) / 2 / size[1]) for box in boxes]
    wanted = [((each.region[0] + each.region[2]) / 2, (each.region[1] + each.region[3]) / 2) for each in cast]
    pairs = sorted(
        ((x - ideal_x) ** 2 + (y - ideal_y) ** 2, place, member)
        for place, (x, y) in enumerate(middles)
        for member, (ideal_x, ideal_y) in enumerate(wanted)
    )
    numbers: dict[int, int] = {}
    for _, place, member in pairs:
        if place not in numbers and member + 1 not in numbers.values():
            numbers[place] = member + 1
    strangers = [place for place in range(len(boxes)) if place not in numbers]
    numbers |= {place: len(cast) + 1 + order for order, place in enumerate(strangers)}
    return [numbers[place] for place in range(len(boxes))]
