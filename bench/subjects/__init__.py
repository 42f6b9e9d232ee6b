"""What is measured, a module for each subject.

`conduct(conductor, sizes)` runs the rounds and returns the figures; `table(figures)` shows them.
All other public functions are work that a contender's process does when it is asked.
"""
