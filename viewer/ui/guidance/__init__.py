"""How users find what the program can do: the strip of buttons, context menus, the palette, and where keys go."""
