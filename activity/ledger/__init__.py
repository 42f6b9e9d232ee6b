"""The ledger: events sealed in a tree of hashes, and proofs that need nothing of ours to check."""
