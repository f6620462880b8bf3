"""What changes the state: pure steps, written `set_target(bpp)(state)`, which `Store.update` takes.

`target`, `compared`, `view`, `places`, `files` and `messages` have what users do, `deliveries` what workers bring. No
other code makes a new AppState. They may import one another, session and matching.
"""
