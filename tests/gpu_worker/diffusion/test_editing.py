"""The editing family on a tiny model: numbered references of several characters, words, adapters, steps, records."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file

from contracts.commands import Adapter, KeyframeMade
from gpu_worker.child import Halt
from gpu_worker.pipelines.diffusion.adapters import AdapterRefused
from gpu_worker.pipelines.diffusion.engine import DiffusionEngine
from gpu_worker.pipelines.diffusion.family import CastInPicture, KeyframeOrder, LoadedAdapter, Prompt, Recipe
from gpu_worker.pipelines.diffusion.flux2_klein import DISTILLED, GUIDED, Flux2Klein, load_flux2_klein
from gpu_worker.pipelines.diffusion.memory import Ladder, Rung
from gpu_worker.pipelines.diffusion.models import Models
from gpu_worker.pipelines.diffusion.numbered import numbered, words_of
from gpu_worker.pipelines.diffusion.parts import Parts
from gpu_worker.tiny.flux2_klein import build_flux2_klein
from gpu_worker.watching import Onlooker
from tests.builders_pictures import NAMES, inputs_of, keyframe_of, plan_of
from tests.gpu_worker.diffusion.conftest import MakeSettings
from tests.gpu_worker.diffusion.test_memory import Limit

LEFT, CENTRE, RIGHT = (0.0, 0.0, 0.4, 1.0), (0.3, 0.0, 0.7, 1.0), (0.6, 0.0, 1.0, 1.0)
TWO = keyframe_of(plan_of(*NAMES[:2], size="full"), engine="diffusion", width=192, height=108)
Pixels = NDArray[np.int16]


@pytest.fixture(scope="module")
def engine(settings_of: MakeSettings) -> DiffusionEngine:
    return DiffusionEngine(settings_of("flux2_klein", steps=None))


@pytest.fixture(scope="module")
def family(engine: DiffusionEngine) -> Flux2Klein:
    family = engine.models.keyframes().family
    assert isinstance(family, Flux2Klein)
    return family


def member(
    colour: str,
    region: tuple[float, float, float, float] = LEFT,
    *,
    scale: float = 0.6,
    pictures: int = 1,
    adapter: LoadedAdapter | None = None,
) -> CastInPicture:
    references = (Image.new("RGB", (64, 64), colour),) * pictures
    return CastInPicture(colour, references, region, scale, adapter, f"the {colour} one")


def order(*cast: CastInPicture, words: str = "a fox") -> KeyframeOrder:
    return KeyframeOrder(Prompt(words, "blurry"), width=64, height=64, seed=1, cast=cast)


def made(family: Flux2Klein, wanted: KeyframeOrder, *, guidance: float = 1.0) -> Pixels:
    [picture] = family.make([wanted], Recipe(2, guidance), lambda _step, _latents: None)
    return np.asarray(picture, np.int16)


def run(
    engine: DiffusionEngine, folder: Path, watch: Onlooker | None = None, *, adapter: Path | None = None
) -> KeyframeMade:
    """Two characters; the file is the adapter of the first."""
    folder.mkdir(exist_ok=True)
    plan, inputs = TWO.shot, dict(inputs_of(TWO.shot))
    if adapter is not None:
        first = plan.cast[0].model_copy(update={"adapter": Adapter(weights="lora", trigger="zwx")})
        plan = plan.model_copy(update={"cast": [first, *plan.cast[1:]]})
        inputs["lora"] = adapter
    answer = engine.run(TWO.model_copy(update={"shot": plan}), inputs, folder, watch or Onlooker())
    assert isinstance(answer, KeyframeMade)
    return answer


def test_words_references_and_places_change_the_picture(family: Flux2Klein) -> None:
    pictures = [
        made(family, order()),
        made(family, order(words="a castle")),
        made(family, order(member("red"))),
        made(family, order(member("blue"))),
        made(family, order(member("red", LEFT), member("blue", RIGHT))),
        made(family, order(member("red", RIGHT), member("blue", LEFT))),
    ]
    assert all((a != b).any() for place, a in enumerate(pictures) for b in pictures[:place])
    assert (made(family, order(member("red"))) == pictures[2]).all()


def test_words_tell_who_is_in_which_picture_and_where_they_stand() -> None:
    cast = numbered([member("red", RIGHT, pictures=2), member("blue", LEFT, scale=0.9)], most=4)
    assert words_of(cast) == (
        "The red one is on the right, the one in image 1 and image 2. "
        "The blue one is on the left, exactly the same face, colours and clothes as in image 3."
    )
    four = [member("grey", (share, 0, share + 0.1, 1)) for share in (0.7, 0.1, 0.9, 0.4)]
    assert words_of(numbered(four, most=4)).startswith("The grey one is the third from the left, the one in image 1.")
    assert words_of([member("grey", CENTRE, pictures=0)]) == "The grey one is in the centre."


@pytest.mark.parametrize(
    ("pictures", "expected"), [([4], [4]), ([4, 4], [2, 2]), ([1, 4, 4], [1, 2, 1]), ([4] * 6, [1, 1, 1, 1, 0, 0])]
)
def test_the_few_references_are_shared_evenly(pictures: list[int], expected: list[int]) -> None:
    cast = [member("red", pictures=count) for count in pictures]
    assert [len(figure.references) for figure in numbered(cast, most=4)] == expected


def test_who_is_not_to_be_heeded_is_shown_by_no_picture(family: Flux2Klein) -> None:
    assert family.shown([member("red", scale=0.0), member("blue", pictures=4)]) == [0, 4]


def test_the_same_words_are_read_once(family: Flux2Klein) -> None:
    made(family, order(words="something new"))
    hits = family.cache_hits
    made(family, order(words="something new"))
    assert family.cache_hits == hits + 1


def test_a_model_that_is_guided_is_told_what_not_to_show(
    tmp_path: Path, family: Flux2Klein, engine: DiffusionEngine
) -> None:
    folder = build_flux2_klein(tmp_path / "guided", is_distilled=False)
    guided = load_flux2_klein(Parts(folder, engine.models.device))
    assert (family.capabilities.recipe, guided.capabilities.recipe) == (DISTILLED, GUIDED)
    plain, steered = made(guided, order()), made(guided, order(), guidance=4.0)
    assert (plain != steered).any()


def adapter_for(family: Flux2Klein, folder: Path, seed: int) -> LoadedAdapter:
    chance = torch.Generator().manual_seed(seed)
    tensors: dict[str, torch.Tensor] = {}
    for name, module in family.pipeline.transformer.named_modules():
        layer = name.removesuffix(".base_layer")
        if layer.endswith(("attn.to_q", "attn.to_qkv_mlp_proj")) and isinstance(module, torch.nn.Linear):
            tensors[f"transformer.{layer}.lora_A.weight"] = torch.randn(4, module.in_features, generator=chance)
            tensors[f"transformer.{layer}.lora_B.weight"] = torch.randn(module.out_features, 4, generator=chance)
    assert len(tensors) == 4
    path = folder / f"{seed}.safetensors"
    save_file(tensors, path)
    return LoadedAdapter(path, f"{seed}", 1.0)


def test_adapters_speak_alone_together_and_swapped_and_leave_no_trace(
    settings_of: MakeSettings, tmp_path: Path
) -> None:
    family = Models(settings_of("flux2_klein", adapters_resident_max=2)).keyframes().family
    assert isinstance(family, Flux2Klein)
    one, two, three = (adapter_for(family, tmp_path, seed) for seed in range(3))
    base = made(family, order(member("red")))
    with_one = made(family, order(member("red", adapter=one)))
    both = made(family, order(member("red", adapter=one), member("blue", adapter=two)))
    assert (base != with_one).any()
    assert (with_one != both).any()
    made(family, order(member("red", adapter=three)))
    assert family.adapters.swaps == 1
    assert (made(family, order(member("red", adapter=one))) == with_one).all()
    assert (made(family, order(member("red"))) == base).all()


def adapter_of_another_family(folder: Path) -> Path:
    path = folder / "unet.safetensors"
    save_file({"unet.attn.lora_A.weight": torch.ones(4, 8), "unet.attn.lora_B.weight": torch.ones(8, 4)}, path)
    return path


def test_an_adapter_of_another_family_is_refused(family: Flux2Klein, tmp_path: Path) -> None:
    other = LoadedAdapter(adapter_of_another_family(tmp_path), "unet", 1.0)
    with pytest.raises(AdapterRefused, match="no part of this model"):
        made(family, order(member("red", adapter=other)))


def test_an_adapter_of_another_family_is_left_out_of_a_take_which_says_so(
    engine: DiffusionEngine, tmp_path: Path
) -> None:
    without = run(engine, tmp_path / "without")
    left_out = run(engine, tmp_path / "left out", adapter=adapter_of_another_family(tmp_path))
    assert "no part of this model" in str(left_out.notes.pop("adapter_1_left_out"))
    assert left_out.notes == without.notes
    one, other = (tmp_path / name / "keyframe.png" for name in ("without", "left out"))
    assert one.read_bytes() == other.read_bytes()


def test_a_torn_adapter_is_refused_and_not_left_out(engine: DiffusionEngine, tmp_path: Path) -> None:
    torn = tmp_path / "torn.safetensors"
    torn.write_bytes(adapter_of_another_family(tmp_path).read_bytes()[:-1])
    with pytest.raises(AdapterRefused, match="torn"):
        run(engine, tmp_path / "out", adapter=torn)


def test_a_take_records_how_it_was_made_and_whom_pictures_showed(engine: DiffusionEngine, tmp_path: Path) -> None:
    watch = Onlooker()
    answer = run(engine, tmp_path, watch)
    notes = answer.notes
    assert (answer.figures, len(watch.previews)) == (2, DISTILLED.steps - 1)
    assert (notes["family"], notes["steps"], notes["rung"]) == ("flux2_klein", DISTILLED.steps, "plain")
    assert notes["model_sha256"] == engine.models.found["keyframe_weights"].digest
    assert (notes["references_1"], notes["references_2"]) == (1, 1)
    with Image.open(tmp_path / "keyframe.png") as picture:
        assert picture.size == (192, 108)


def test_what_is_previewed_are_the_latents_that_are_decoded(family: Flux2Klein) -> None:
    seen: list[torch.Tensor | None] = []
    [picture] = family.make([order()], Recipe(1, 1.0), lambda _step, latents: seen.append(latents))
    assert seen[0] is not None
    with torch.inference_mode():
        [decoded] = family.pipeline.vae.decode(seen[0], return_dict=False)
    again = family.pipeline.image_processor.pt_to_numpy((decoded / 2 + 0.5).clamp(0, 1))[0]
    assert (np.round(again * 255) == np.asarray(picture)).all()


def test_a_halt_ends_within_a_step_and_leaves_the_model_whole(engine: DiffusionEngine, tmp_path: Path) -> None:
    told: list[float] = []

    def halt_at_the_first_step(fraction: float) -> None:
        told.append(fraction)
        if fraction > 0:
            raise Halt

    run(engine, tmp_path / "before")
    with pytest.raises(Halt):
        run(engine, tmp_path / "halted", Onlooker(halt_at_the_first_step))
    assert told == [0.0, 1 / (DISTILLED.steps + 1)]
    run(engine, tmp_path / "after")
    before, after = (tmp_path / name / "keyframe.png" for name in ("before", "after"))
    assert before.read_bytes() == after.read_bytes()


def test_memorys_ladder_is_climbed_to_what_suffices(settings_of: MakeSettings, tmp_path: Path) -> None:
    limit = Limit(Rung.SMALLER)
    answer = run(DiffusionEngine(settings_of("flux2_klein"), ladder=Ladder(guard=limit)), tmp_path)
    assert limit.tried == [Rung.PLAIN, Rung.SLICED, Rung.SMALLER]
    assert answer.notes["rung"] == "smaller"
