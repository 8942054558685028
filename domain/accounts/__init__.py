"""People, their workspaces and sessions."""
