"""The demo: an invented team of four, the people they know, and a year of what they did.

`cast.toml` holds people and stories written by hand, `words.toml` what any further contacts and
events are put together from. All names are invented; addresses end in .example.
"""
