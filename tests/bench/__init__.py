"""How fast the program is: `python -m tests.bench`. Nothing here is a test, and no test is timed."""
