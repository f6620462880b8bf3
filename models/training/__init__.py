"""From photographs to a weights file. Nothing at run time imports this."""
