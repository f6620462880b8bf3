"""The set of pictures in the window: its state, the updates, and the services that have workers complete it."""
