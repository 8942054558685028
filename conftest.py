"""What holds for every run of pytest here, of tests and of the attack's cells: none hangs."""

pytest_plugins = ["tests.time_limits"]
