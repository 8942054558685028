"""What the product's jobs run: the registries of all slices."""

from jobs.registry import Registry

TASKS = Registry()
