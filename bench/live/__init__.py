"""Very many open pages: what their streams cost one web process, and how soon they hear of news.

Run as `ANNALS_VAR=/tmp/annals-live .venv/bin/python -m bench.live`; it needs what the tests need.
"""
