"""Folders of jobs go with their jobs; those of a worker that was killed go at the next start."""

from pathlib import Path

from gpu_worker.workplace import PREFIX, Workplace


def test_a_jobs_folder_goes_with_all_that_lies_in_it(tmp_path: Path) -> None:
    with Workplace(tmp_path) as workplace:
        with workplace.folder() as folder:
            (Path(folder) / "checkpoints").mkdir()
            (Path(folder) / "checkpoints" / "checkpoint-000004.safetensors").write_bytes(b"half")
        assert [list(worker.iterdir()) for worker in tmp_path.iterdir()] == [[]]
    assert not list(tmp_path.iterdir())


def test_what_an_ended_worker_left_is_removed_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    (tmp_path / f"{PREFIX}killed" / "job-1").mkdir(parents=True)
    (tmp_path / f"{PREFIX}killed" / "job-1" / "checkpoint").write_bytes(b"half")
    (tmp_path / "somebody-elses").mkdir()
    with Workplace(tmp_path) as living, living.folder() as kept, Workplace(tmp_path):
        assert Path(kept).is_dir()
        assert not (tmp_path / f"{PREFIX}killed").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["somebody-elses"]
