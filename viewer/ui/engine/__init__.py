"""The window's state, the store that holds it, its updates, and the services that have workers complete it.

It knows no widget. It may import common and everything below viewer.ui.
"""
