"""How Annals is doing, read for the operations page and for /metrics alike."""
