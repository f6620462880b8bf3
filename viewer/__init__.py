"""RateLens: everything but the learned codec itself. Only viewer.ui knows Qt."""
