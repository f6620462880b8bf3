"""Long use: what grows with the hours, and what an impatient hand can break."""
