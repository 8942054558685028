"""Pictures a second: ours one by one and in batches, beside a plain loop over diffusers' own pipeline.

Every round has other words and other references, each of them wanted twice, as a take and its re-roll want them.
"""

from collections.abc import Callable, Sequence

import torch
from diffusers.image_processor import IPAdapterMaskProcessor

from bench.gpu.models import Pipeline, Studio, reference, tensors
from bench.gpu.rounds import Row, Values, interleaved
from gpu_worker.pipelines.diffusion.family import CastInPicture, KeyframeOrder, Prompt
from gpu_worker.pipelines.diffusion.regions import box_of
from gpu_worker.pipelines.diffusion.sizes import family_size
from gpu_worker.pipelines.diffusion.unet_stills import UNetStills

PICTURES, BATCH = 8, 4
REGION = (0.2, 0.1, 0.8, 1.0)
ONE_BY_ONE, BATCHED = "ours, one by one", f"ours, batches of {BATCH}"
PLAIN, PLAIN_BATCHED = "plain loop, one by one", f"plain loop, batches of {BATCH}"
Make = Callable[[Sequence[KeyframeOrder]], object]


class Pictures:
    """Makes the same orders in each way."""

    def __init__(self, studio: Studio, *, has_references: bool) -> None:
        self._studio = studio
        self._has_references = has_references
        self._ours: UNetStills = studio.ours(has_references=has_references)
        self._plain: Pipeline = studio.plain(has_references=has_references)
        can = self._ours.capabilities
        self.recipe = studio.settings.recipe(can.recipe)
        self.size = family_size((can.pixels_native, can.pixels_native), can)

    def measure(self, rounds: int) -> Values:
        """Pictures a second. diffusers takes one set of references a call, so with references it has no batches."""
        rows = [
            Row(ONE_BY_ONE, lambda number: self._rate(number, 1, self._make)),
            Row(PLAIN, lambda number: self.plain_rate(number, 1)),
            Row(BATCHED, lambda number: self._rate(number, BATCH, self._make)),
        ]
        if not self._has_references:
            rows.append(Row(PLAIN_BATCHED, lambda number: self.plain_rate(number, BATCH)))
        return interleaved(rows, rounds)

    def plain_rate(self, number: int, batch: int) -> float:
        """Pictures a second of the plain loop in a round."""
        return self._rate(number, batch, self._make_plainly)

    def _rate(self, number: int, batch: int, make: Make) -> float:
        orders = [self._order(number, place) for place in range(PICTURES)]
        started = self._studio.clock()
        for start in range(0, PICTURES, batch):
            make(orders[start : start + batch])
        return PICTURES / (self._studio.clock() - started)

    def _order(self, number: int, place: int) -> KeyframeOrder:
        shot = number * PICTURES + place // 2
        cast = CastInPicture("fox", (reference(shot),), REGION, reference_scale=0.6)
        return KeyframeOrder(
            prompt=Prompt(f"a fox walks past house {shot}, wide shot, by day", self._studio.settings.negative),
            width=self.size[0],
            height=self.size[1],
            seed=1000 + shot * 2 + place,
            cast=(cast,) if self._has_references else (),
        )

    def _make(self, orders: Sequence[KeyframeOrder]) -> object:
        return self._ours.make(orders, self.recipe, lambda _step, _latents: None)

    def _make_plainly(self, orders: Sequence[KeyframeOrder]) -> object:
        asked = tensors(
            prompt=[order.prompt.text for order in orders],
            negative_prompt=[order.prompt.negative for order in orders],
            height=orders[0].height,
            width=orders[0].width,
            num_inference_steps=self.recipe.steps,
            guidance_scale=self.recipe.guidance,
            generator=[torch.Generator("cpu").manual_seed(order.seed) for order in orders],
        )
        if self._has_references:
            asked |= self._references(orders[0])
        return self._plain(**asked)

    def _references(self, order: KeyframeOrder) -> dict[str, object]:
        """One reference in its region, as diffusers' guide to IP-Adapter masks gives it."""
        [figure] = order.cast
        left, top, right, bottom = box_of(figure.region, (order.width, order.height))
        mask = torch.zeros(1, 1, order.height, order.width)
        mask[:, :, top:bottom, left:right] = 1.0
        masks = IPAdapterMaskProcessor().preprocess(mask[0], height=order.height, width=order.width)
        self._plain.set_ip_adapter_scale(figure.reference_scale)
        masks = masks.to(self._studio.device.name, self._studio.device.dtype)
        return {
            "ip_adapter_image": [list(figure.references)],
            "cross_attention_kwargs": {"ip_adapter_masks": [masks.reshape(1, 1, order.height, order.width)]},
        }
