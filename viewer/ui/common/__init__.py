"""What every part of the window shares: theme, number formatting, codec styles, settings, actions, slider scales."""
