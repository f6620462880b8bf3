"""Engines: what does many tasks in processes of this machine, or of a cluster; they do not know what the tasks are."""
