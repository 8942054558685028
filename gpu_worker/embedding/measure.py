"""Write the profile of this worker's embedding space: `python -m gpu_worker.embedding.measure PICTURES PROFILE.json`.

PICTURES holds a folder a character with cut-outs of it, PNG with alpha; `examples/cast` of the repository will do. The
space and its weights are those of the `LAB_EMBEDDING_...` settings. The lab reads the file where LAB_IDENTITY__PROFILES
names it.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from gpu_worker.embedding.engine import EmbeddingEngine
from gpu_worker.embedding.figures import figure
from gpu_worker.embedding.measuring import measure_space
from gpu_worker.weights.errors import WeightsRefused


def squares_in(folder: Path) -> dict[str, list[Image.Image]]:
    """Answer each character's figures on white squares, by the name of its folder."""
    found: dict[str, list[Image.Image]] = {}
    for path in sorted(folder.glob("*/*.png")):
        with Image.open(path) as picture:
            cut_out = figure(path.name, 0, 1, np.asarray(picture.convert("RGBA")))
        found.setdefault(path.parent.name, []).append(cut_out.square)
    return found


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path, help="a folder with one folder of cut-outs a character")
    parser.add_argument("profile", type=Path, help="the file to be written")
    options = parser.parse_args(arguments)
    try:
        engine = EmbeddingEngine()
        scores = measure_space(squares_in(options.pictures), engine.embed)
    except (WeightsRefused, ValueError) as refused:
        sys.exit(str(refused))
    name, _, version = engine.name.rpartition("@")
    written = json.dumps({"space": name, "version": int(version), "weights": engine.version, **scores}, indent=2)
    options.profile.write_text(written + "\n")
    print(written)


if __name__ == "__main__":
    main(sys.argv[1:])
