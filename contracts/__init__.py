"""The messages between the jobs process and its workers: pydantic, versioned, importing nothing of ours."""
