"""Where a film goes on this machine: asked before it is made, since by then it took minutes or hours."""

import os
from pathlib import Path

from domain.errors import Invalid

# What is written beside a film under its name: its poster and its captions.
BESIDE = (".jpg", ".vtt")


def check_out(out: Path) -> None:
    """Raise Invalid where the film could not be written, or its poster or captions would replace another's file."""
    if out.suffix.lower() != ".mp4":
        raise Invalid(f"{out} is no name of a film: it has to end in .mp4.")
    if out.is_dir():
        raise Invalid(f"{out} is a folder: name the file in it.")
    check_folder(out.parent)
    if out.exists():
        check_writable(out)
        return
    for path in map(out.with_suffix, BESIDE):
        # Where there is no film it is none that a film of ours left, and nobody asked for it to go.
        if path.exists():
            raise Invalid(f"{path} would be overwritten by what comes with {out}: move it, or choose another --out.")


def check_folder(folder: Path) -> None:
    """See that the folder can be written to, or be made in the nearest one that is there."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not there.is_dir():
        raise Invalid(f"{there} is not a folder.")
    check_writable(there)


def check_writable(path: Path) -> None:
    if not os.access(path, os.W_OK):
        raise Invalid(f"{path} cannot be written to.")
