"""What the codec is trained and validated on: photographs, random patches of them, and pictures made in code."""
