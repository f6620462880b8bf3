"""Between the engine and the widgets: each turns state into what widgets draw, or user events into changes of state."""
