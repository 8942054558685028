"""Reading `/metrics` in a test, as Prometheus does."""

from prometheus_client.parser import text_string_to_metric_families


def samples(page: str) -> dict[tuple[str, ...], float]:
    """Each sample by its name and its labels' values."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def undocumented(page: str, document: str) -> list[str]:
    """The families of ours that the document does not name; moments of creation and `process_...` are the library's."""
    names = {family.name for family in text_string_to_metric_families(page) if family.name.startswith("lab_")}
    ours = {name for name in names if not name.endswith("_created") and "_process_" not in name}
    return sorted(name for name in ours if f"`{name}" not in document)
