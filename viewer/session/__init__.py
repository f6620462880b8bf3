"""The user's choices as frozen values: picture, target, view, panes and pins; the session file; blind tests."""
