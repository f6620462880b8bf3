"""Symbols to bytes and back: integer frequency tables, the range coder, and the paper's plain (factorized) density."""
