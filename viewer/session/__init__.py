"""What the user has chosen, as frozen values: picture, target, view, panes and pins; its file; blind tests."""
