"""What the product's jobs run: the registries of all slices."""

from jobs.characters import tasks as characters
from jobs.registry import Registry
from jobs.renders import tasks as renders
from jobs.storyboards import tasks as storyboards

TASKS = Registry(characters, storyboards, renders)
