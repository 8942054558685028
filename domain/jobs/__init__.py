"""Background work: jobs with a lease, steps that are never done twice, events that are never lost."""
