"""Two hundred people at work over HTTP: how fast Annals answers, and what it needs meanwhile.

`python -m bench.load` (`--form full` for ten minutes and 200 people) runs Annals in a folder of its
own, signs the people in, lets locust play them (people.py), and watches (watching.py).
"""
