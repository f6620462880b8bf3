"""What is to be met: rates, sizes, qualities and scores as people write them."""
